#include "events/merkle.hpp"

#include <algorithm>
#include <bit>

namespace events::merkle {
namespace {

std::uint64_t bits_of(std::int64_t number) { return static_cast<std::uint64_t>(number); }
bool is_odd(std::int64_t number) { return (number & 1) != 0; }

/// The largest power of two below `size`, which is at least 2.
std::int64_t split_of(std::int64_t size) {
    return static_cast<std::int64_t>(std::bit_floor(bits_of(size - 1)));
}

}  // namespace

Hash leaf_hash(std::string_view data) { return sha256({std::string_view{"\0", 1}, data}); }
Hash node_hash(const Hash& left, const Hash& right) {
    return sha256({"\1", view(left), view(right)});
}
Hash empty_root() { return sha256(std::string_view{}); }

std::vector<Subtree> cover(Range range) {
    std::vector<Subtree> found;
    while (range.from < range.to) {
        // As large as the place where it begins and what is left allow.
        const int fits = std::bit_width(bits_of(range.to - range.from)) - 1;
        const int level =
            range.from == 0 ? fits : std::min(fits, std::countr_zero(bits_of(range.from)));
        found.push_back({level, range.from >> level});
        range.from += std::int64_t{1} << level;
    }
    return found;
}

Hash Frontier::root() const {
    std::vector<Hash> subtrees;
    for (std::size_t level = levels; level-- > 0;) {
        if ((size_ >> level & 1) != 0) subtrees.push_back(peaks_[level]);
    }
    return joined(subtrees);
}

bool Frontier::append(int level, const Hash& hash, const Completed& completed) {
    const auto leaves = std::int64_t{1} << level;
    if (size_ % leaves != 0) return false;
    auto at = static_cast<std::size_t>(level);
    auto grown = hash;
    for (; (size_ >> at & 1) != 0; ++at) {
        grown = node_hash(peaks_[at], grown);
        const int above = static_cast<int>(at) + 1;
        if (completed) completed({above, size_ >> above}, grown);
    }
    peaks_[at] = grown;
    size_ += leaves;
    return true;
}

std::vector<Range> inclusion_ranges(std::int64_t index, std::int64_t size) {
    std::vector<Range> ranges;
    Range inside{0, size};
    while (inside.to - inside.from > 1) {
        const auto middle = inside.from + split_of(inside.to - inside.from);
        const Range left{inside.from, middle}, right{middle, inside.to};
        ranges.push_back(index < middle ? right : left);
        inside = index < middle ? left : right;
    }
    std::ranges::reverse(ranges);
    return ranges;
}

std::vector<Range> consistency_ranges(std::int64_t old_size, std::int64_t size) {
    std::vector<Range> ranges;
    Range inside{0, size};
    // The old root itself is known to who asks, so it is left out where it is a whole subtree.
    bool known = true;
    while (inside.to != old_size) {
        const auto middle = inside.from + split_of(inside.to - inside.from);
        const Range left{inside.from, middle}, right{middle, inside.to};
        ranges.push_back(old_size <= middle ? right : left);
        if (old_size > middle) known = false;
        inside = old_size <= middle ? left : right;
    }
    if (!known) ranges.push_back(inside);
    std::ranges::reverse(ranges);
    return ranges;
}

Hash joined(std::span<const Hash> subtrees) {
    if (subtrees.empty()) return empty_root();
    Hash root = subtrees.back();
    for (auto at = subtrees.size() - 1; at-- > 0;) root = node_hash(subtrees[at], root);
    return root;
}

bool includes(const Hash& leaf, std::int64_t index, std::int64_t size, const Proof& proof,
              const Hash& root) {
    if (index < 0 || index >= size) return false;
    auto node = index, last = size - 1;
    Hash hash = leaf;
    for (const auto& sibling : proof) {
        if (last == 0) return false;
        if (is_odd(node) || node == last) {
            hash = node_hash(sibling, hash);
            for (; !is_odd(node) && node != 0; node >>= 1) last >>= 1;
        } else {
            hash = node_hash(hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && hash == root;
}

bool extends(std::int64_t old_size, const Hash& old_root, std::int64_t size, const Hash& root,
             const Proof& proof) {
    if (old_size < 0 || old_size > size) return false;
    if (old_size == size) return proof.empty() && old_root == root;
    if (old_size == 0) return proof.empty() && old_root == empty_root();
    auto rest = std::span{proof};
    Hash first = old_root;
    if (!std::has_single_bit(bits_of(old_size))) {
        if (rest.empty()) return false;
        first = rest.front();
        rest = rest.subspan(1);
    }
    auto node = old_size - 1, last = size - 1;
    for (; is_odd(node); node >>= 1) last >>= 1;
    Hash then = first, now = first;
    for (const auto& sibling : rest) {
        if (last == 0) return false;
        if (is_odd(node) || node == last) {
            then = node_hash(sibling, then);
            now = node_hash(sibling, now);
            for (; !is_odd(node) && node != 0; node >>= 1) last >>= 1;
        } else {
            now = node_hash(now, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && then == old_root && now == root;
}

}  // namespace events::merkle
