#pragma once
#include "events/personal.hpp"
#include "src/postgres/connect.hpp"
#include "src/security/secrets.hpp"

/// Data keys: one a subject, wrapped by the newest epoch's key, in schema keys.
namespace postgres {

/// Thread-safe. Keys stay in memory for a minute at most, so that an erasure takes effect.
class KeyRing final : public events::Keys {
public:
    KeyRing(Database database, security::KeyEpochs wrapping);
    ~KeyRing() override;

    domain::Result<std::string> seal(const events::Place& place, domain::SubjectId subject,
                                     std::string_view clear) override;
    domain::Result<domain::Personal> open(const events::Place& place,
                                          const domain::Sealed& sealed) override;

    /// A value and the person whom it is about, who is known even when the value is erased.
    struct Opened {
        domain::Personal value;
        domain::SubjectId subject;
    };
    /// As open(), for whoever keeps account of whose values are read.
    domain::Result<Opened> open_of(const events::Place& place, const domain::Sealed& sealed);

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace postgres
