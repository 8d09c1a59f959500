#pragma once
#include "events/recorded.hpp"

#include <functional>
#include <span>

/// Merkle trees as in RFC 6962 §2.1: their growth, and proofs over them. Leaves count from 0.
namespace events::merkle {

/// SHA-256(0x00 data).
Hash leaf_hash(std::string_view data);
/// SHA-256(0x01 left right).
Hash node_hash(const Hash& left, const Hash& right);
/// The root of no leaves: SHA-256 of nothing.
Hash empty_root();

/// A whole subtree: the 2^level leaves from index·2^level on.
struct Subtree {
    int level{};
    std::int64_t index{};
    auto operator<=>(const Subtree&) const = default;
    std::int64_t first() const { return index << level; }
    std::int64_t end() const { return (index + 1) << level; }
};

/// The leaves from `from` up to, not including, `to`.
struct Range {
    std::int64_t from{}, to{};
    bool operator==(const Range&) const = default;
};

/// The fewest whole subtrees that cover `range`, from left to right.
std::vector<Subtree> cover(Range range);

/// A tree that grows at its right edge; it keeps one hash for each bit of its size.
class Frontier {
public:
    std::int64_t size() const { return size_; }
    Hash root() const;

    /// What sees every inner node as it is completed, from the leaf up.
    using Completed = std::function<void(Subtree, const Hash&)>;
    void append(const Hash& leaf, const Completed& completed = {}) { append(0, leaf, completed); }
    /// Adds a whole subtree of 2^level leaves; false, and nothing, when the size is no multiple of
    /// that.
    bool append(int level, const Hash& hash, const Completed& completed = {});

private:
    static constexpr std::size_t levels = 62;
    std::int64_t size_ = 0;
    std::array<Hash, levels> peaks_{};  ///< by level; those of the bits of size_ are in use
};

/// Whose roots make up an inclusion proof (PATH of RFC 6962 §2.1.1), from the leaf to the root.
/// 0 <= index < size.
std::vector<Range> inclusion_ranges(std::int64_t index, std::int64_t size);
/// Whose roots make up a consistency proof (PROOF of §2.1.2). 0 < old_size <= size.
std::vector<Range> consistency_ranges(std::int64_t old_size, std::int64_t size);

/// The root over whole subtrees that follow each other without a gap and begin at a multiple of the
/// largest of them: what cover() gives for the ranges above.
Hash joined(std::span<const Hash> subtrees);

using Proof = std::vector<Hash>;
/// RFC 9162 §2.1.3.2.
bool includes(const Hash& leaf, std::int64_t index, std::int64_t size, const Proof& proof,
              const Hash& root);
/// RFC 9162 §2.1.4.2; from an empty tree everything follows, with an empty proof.
bool extends(std::int64_t old_size, const Hash& old_root, std::int64_t size, const Hash& root,
             const Proof& proof);

}  // namespace events::merkle
