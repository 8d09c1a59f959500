#include "src/audit/entry.hpp"

#include "events/sha256.hpp"
#include "projections/columns.hpp"

namespace audit {
namespace {

namespace wire = projections::wire;

/// Bytes that no two different entries share.
class Canonical {
public:
    template <class Integer>
    Canonical& number(Integer value) {
        wire::put(out_, value);
        return *this;
    }
    template <class Bytes>
    Canonical& bytes(const Bytes& value) {
        out_.append(reinterpret_cast<const char*>(value.data()), value.size());
        return *this;
    }
    Canonical& text(std::string_view value) {
        return number(static_cast<std::int32_t>(value.size())).bytes(value);
    }
    Canonical& maybe(const std::optional<domain::Uuid>& id) {
        out_ += id ? '\1' : '\0';
        return id ? bytes(id->bytes) : *this;
    }
    Canonical& maybe(const std::optional<Cut>& cut) {
        out_ += cut ? '\1' : '\0';
        return cut ? number(cut->sequence).bytes(cut->hash) : *this;
    }
    const std::string& view() const { return out_; }

private:
    std::string out_;
};

}  // namespace

events::Hash hash_of(const Entry& entry, const Link& previous) {
    Canonical out;
    out.bytes(std::string_view{"acc1"}).bytes(previous.hash).bytes(entry.tenant.value.bytes);
    out.number(previous.sequence + 1).number(entry.at.micros).bytes(entry.request.bytes);
    out.maybe(entry.command).bytes(entry.actor.value.bytes).maybe(entry.resource);
    out.number(static_cast<std::int32_t>(entry.status)).text(entry.role).text(entry.action);
    out.text(outcome_of(entry)).text(entry.code).text(entry.purpose);
    out.text(entry.subjects).text(entry.fields).text(entry.source).maybe(entry.cut);
    return events::sha256(out.view());
}

}  // namespace audit
