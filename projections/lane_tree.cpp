#include "projections/lane_tree.hpp"

#include "projections/columns.hpp"
#include "projections/prepared.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace projections {
namespace {

using events::Hash;
using events::merkle::Range;
using events::merkle::Subtree;

constexpr domain::Reason tree_incomplete{domain::Reason::Kind::defect, "internal",
                                         "Something went wrong on our side"};

/// What is stored of a subtree: itself, or the parts it is made of, one stored level below.
struct Stored {
    int level{};
    Range indexes;
};
Stored stored_of(const Subtree& subtree) {
    const int level = subtree.level / subtree_step * subtree_step;
    const int below = subtree.level - level;
    return {level, {subtree.index << below, (subtree.index + 1) << below}};
}

class Nodes {
public:
    void want(const Subtree& subtree) {
        const auto stored = stored_of(subtree);
        auto& [firsts, ends] = stored.level == 0 ? leaves_ : inner_;
        if (stored.level > 0) levels_.push_back(static_cast<std::int16_t>(stored.level));
        firsts.push_back(stored.indexes.from);
        ends.push_back(stored.indexes.to);
    }

    void read(pqxx::transaction_base& tx, int lane) {
        if (leaves_.firsts.size() > 0) read_leaves(tx, lane);
        if (inner_.firsts.size() > 0) read_inner(tx, lane);
    }

    std::optional<Hash> root_of(const Subtree& subtree) const {
        const auto stored = stored_of(subtree);
        events::merkle::Frontier tree;
        for (auto index = stored.indexes.from; index < stored.indexes.to; ++index) {
            const auto found = known_.find({stored.level, index});
            if (found == known_.end()) return std::nullopt;
            tree.append(found->second);
        }
        return tree.root();
    }

private:
    struct Bounds {
        BigInts firsts, ends;
    };

    void keep(const Subtree& at, std::string_view bytes) {
        Hash hash{};
        if (bytes.size() == hash.size()) std::ranges::copy(bytes, hash.begin());
        known_[at] = hash;
    }

    void read_leaves(pqxx::transaction_base& tx, int lane) {
        const auto rows = tx.exec(
            prepared(tx, "tree_leaves", R"sql(
            select greatest(w.first, s.first_position - 1),
                   substring(s.leaves
                       from (32 * (greatest(w.first, s.first_position - 1) - s.first_position + 1)
                             + 1)::int
                       for (32 * (least(w.past, s.first_position - 1 + s.events)
                                  - greatest(w.first, s.first_position - 1)))::int)
              from unnest($2::bigint[], $3::bigint[]) as w (first, past)
              join integrity.seal s on s.lane = $1 and s.first_position <= w.past
               and s.first_position > w.first - $4 and s.first_position + s.events - 1 > w.first
            )sql"),
            pqxx::params{lane, leaves_.firsts.bound(), leaves_.ends.bound(), seal_events_max});
        for (const auto& row : rows) {
            auto index = row[0].as<std::int64_t>();
            const auto bytes = bytes_of(row[1].view());
            for (std::size_t at = 0; at + sizeof(Hash) <= bytes.size(); at += sizeof(Hash))
                keep({0, index++}, std::string_view{bytes}.substr(at, sizeof(Hash)));
        }
    }

    void read_inner(pqxx::transaction_base& tx, int lane) {
        const auto rows = tx.exec(
            prepared(tx, "tree_inner", R"sql(
            select t.level, t.index, t.hash
              from unnest($2::smallint[], $3::bigint[], $4::bigint[]) as w (level, first, past)
              join integrity.subtree t on t.lane = $1 and t.level = w.level
               and t.index >= w.first and t.index < w.past)sql"),
            pqxx::params{lane, levels_.bound(), inner_.firsts.bound(), inner_.ends.bound()});
        for (const auto& row : rows)
            keep({row[0].as<int>(), row[1].as<std::int64_t>()}, bytes_of(row[2].view()));
    }

    Bounds leaves_, inner_;
    SmallInts levels_;
    std::map<Subtree, Hash> known_;
};

/// Of hex digits; 0xFF of what is none. libpqxx decodes digit by digit through branches, which was
/// two thirds of what the sealer's thread ran.
constexpr auto digit_values = [] {
    std::array<std::uint8_t, 256> values;
    values.fill(0xFF);
    for (std::uint8_t i = 0; i < 10; ++i) values[static_cast<std::size_t>('0' + i)] = i;
    for (std::uint8_t i = 0; i < 6; ++i)
        values[static_cast<std::size_t>('a' + i)] = static_cast<std::uint8_t>(10 + i);
    return values;
}();

}  // namespace

std::string bytes_of(std::string_view bytea_text) {
    if (!bytea_text.starts_with("\\x") || bytea_text.size() % 2 != 0)
        throw pqxx::conversion_error{"a bytea that is not in hex"};
    std::string bytes(bytea_text.size() / 2 - 1, '\0');
    unsigned wrong = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const unsigned high = digit_values[static_cast<unsigned char>(bytea_text[2 * i + 2])];
        const unsigned low = digit_values[static_cast<unsigned char>(bytea_text[2 * i + 3])];
        wrong |= high | low;
        bytes[i] = static_cast<char>(high << 4 | low);
    }
    if (wrong > 0xF) throw pqxx::conversion_error{"a bytea with a digit that is none"};
    return bytes;
}

domain::Result<std::vector<Hash>> range_roots(pqxx::transaction_base& tx, int lane,
                                              const std::vector<Range>& ranges) {
    Nodes nodes;
    for (const auto& range : ranges) {
        for (const auto& subtree : events::merkle::cover(range)) nodes.want(subtree);
    }
    nodes.read(tx, lane);
    std::vector<Hash> roots;
    for (const auto& range : ranges) {
        std::vector<Hash> parts;
        for (const auto& subtree : events::merkle::cover(range)) {
            const auto root = nodes.root_of(subtree);
            if (!root) return domain::refuse(tree_incomplete, "the stored tree has a hole");
            parts.push_back(*root);
        }
        roots.push_back(events::merkle::joined(parts));
    }
    return roots;
}

domain::Result<events::merkle::Proof> inclusion_proof(pqxx::transaction_base& tx, int lane,
                                                      std::int64_t index, std::int64_t size) {
    return range_roots(tx, lane, events::merkle::inclusion_ranges(index, size));
}

domain::Result<events::merkle::Proof> consistency_proof(pqxx::transaction_base& tx, int lane,
                                                        std::int64_t old_size, std::int64_t size) {
    if (old_size == 0) return events::merkle::Proof{};
    return range_roots(tx, lane, events::merkle::consistency_ranges(old_size, size));
}

}  // namespace projections
