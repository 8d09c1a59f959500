// Trees and proofs against a tree made as RFC 6962 §2.1 defines it, word for word.
#include "events/merkle.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace merkle_test {
namespace {

using events::Hash;
using namespace events::merkle;

std::vector<Hash> leaves_of(std::int64_t size) {
    std::vector<Hash> leaves;
    for (std::int64_t i = 0; i < size; ++i) leaves.push_back(leaf_hash(std::to_string(i)));
    return leaves;
}

std::int64_t split(std::int64_t size) {
    std::int64_t k = 1;
    while (k * 2 < size) k *= 2;
    return k;
}

/// MTH(D[from:to]).
Hash naive(const std::vector<Hash>& leaves, std::int64_t from, std::int64_t to) {
    if (from == to) return empty_root();
    if (to - from == 1) return leaves[static_cast<std::size_t>(from)];
    const auto middle = from + split(to - from);
    return node_hash(naive(leaves, from, middle), naive(leaves, middle, to));
}

/// The same, where every whole subtree is computed once: all sizes to 512 in a moment.
class Naive {
public:
    explicit Naive(std::int64_t size) : leaves_{leaves_of(size)} {}
    Hash operator()(std::int64_t from, std::int64_t to) {
        const auto key = std::pair{from, to};
        if (const auto found = known_.find(key); found != known_.end()) return found->second;
        Hash hash;
        if (to - from <= 1) {
            hash = naive(leaves_, from, to);
        } else {
            const auto middle = from + split(to - from);
            hash = node_hash((*this)(from, middle), (*this)(middle, to));
        }
        return known_[key] = hash;
    }
    /// PATH(m, D[from:to]).
    Proof path(std::int64_t m, std::int64_t from, std::int64_t to) {
        if (to - from <= 1) return {};
        const auto middle = from + split(to - from);
        auto proof = m < middle ? path(m, from, middle) : path(m, middle, to);
        proof.push_back(m < middle ? (*this)(middle, to) : (*this)(from, middle));
        return proof;
    }
    /// SUBPROOF(m, D[from:to], known), with m counted from 0.
    Proof subproof(std::int64_t m, std::int64_t from, std::int64_t to, bool known) {
        if (m == to) return known ? Proof{} : Proof{(*this)(from, to)};
        const auto middle = from + split(to - from);
        auto proof =
            m <= middle ? subproof(m, from, middle, known) : subproof(m, middle, to, false);
        proof.push_back(m <= middle ? (*this)(middle, to) : (*this)(from, middle));
        return proof;
    }
    const Hash& leaf(std::int64_t at) const { return leaves_[static_cast<std::size_t>(at)]; }

private:
    std::vector<Hash> leaves_;
    std::map<std::pair<std::int64_t, std::int64_t>, Hash> known_;
};

Proof roots_of(Naive& tree, const std::vector<Range>& ranges) {
    Proof proof;
    for (const auto& range : ranges) {
        std::vector<Hash> parts;
        for (const auto& part : cover(range)) parts.push_back(tree(part.first(), part.end()));
        proof.push_back(joined(parts));
    }
    return proof;
}

constexpr std::int64_t sizes = 512;

TEST(Merkle, KnowsTheVectorsOfRfc6962) {
    // The reference trees of the CT project: eight inputs, the roots of all their sizes.
    const std::vector<std::string> inputs{"",
                                          std::string(1, '\0'),
                                          "\x10",
                                          "\x20\x21",
                                          "\x30\x31",
                                          "\x40\x41\x42\x43",
                                          "\x50\x51\x52\x53\x54\x55\x56\x57",
                                          "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c"
                                          "\x6d\x6e\x6f"};
    const std::vector<std::string> roots{
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    Frontier tree;
    for (std::size_t size = 0; size < roots.size(); ++size) {
        std::string hex;
        for (const auto byte : tree.root()) {
            hex += "0123456789abcdef"[byte >> 4];
            hex += "0123456789abcdef"[byte & 15];
        }
        EXPECT_EQ(hex, roots[size]) << size;
        if (size < inputs.size()) tree.append(leaf_hash(inputs[size]));
    }
}

TEST(Merkle, GrowsAsTheDefinitionSaysToEverySizeOf512) {
    Naive expected{sizes};
    Frontier tree;
    std::int64_t inner = 0;
    for (std::int64_t size = 0; size <= sizes; ++size) {
        ASSERT_EQ(tree.root(), expected(0, size)) << size;
        if (size == sizes) break;
        tree.append(expected.leaf(size), [&](Subtree at, const Hash& hash) {
            ++inner;
            ASSERT_EQ(hash, expected(at.first(), at.end()));
        });
    }
    EXPECT_EQ(inner, sizes - 1);
}

TEST(Merkle, GrowsByWholeSubtreesOfAnyCover) {
    Naive expected{sizes};
    for (std::int64_t from = 0; from < sizes; from += 7) {
        for (std::int64_t to = from; to <= sizes; to += 5) {
            Frontier tree;
            for (const auto range : {Range{0, from}, Range{from, to}}) {
                for (const auto& part : cover(range))
                    ASSERT_TRUE(tree.append(part.level, expected(part.first(), part.end())));
            }
            ASSERT_EQ(tree.root(), expected(0, to)) << from << " " << to;
        }
    }
    Frontier odd;
    odd.append(expected.leaf(0));
    EXPECT_FALSE(odd.append(1, expected.leaf(1)));
    EXPECT_EQ(odd.size(), 1);
}

TEST(Merkle, EveryInclusionProofOfEverySizeTo512) {
    Naive tree{sizes};
    for (std::int64_t size = 1; size <= sizes; ++size) {
        const auto root = tree(0, size);
        for (std::int64_t index = 0; index < size; ++index) {
            const auto proof = roots_of(tree, inclusion_ranges(index, size));
            ASSERT_EQ(proof, tree.path(index, 0, size)) << index << " of " << size;
            ASSERT_TRUE(includes(tree.leaf(index), index, size, proof, root));
            ASSERT_FALSE(includes(tree.leaf(index), index ^ 1, size, proof, root));
        }
    }
}

TEST(Merkle, EveryConsistencyProofOfEveryPairTo512) {
    Naive tree{sizes};
    for (std::int64_t size = 1; size <= sizes; ++size) {
        for (std::int64_t old = 1; old <= size; ++old) {
            const auto proof = roots_of(tree, consistency_ranges(old, size));
            ASSERT_EQ(proof, tree.subproof(old, 0, size, true)) << old << " to " << size;
            ASSERT_TRUE(extends(old, tree(0, old), size, tree(0, size), proof));
            ASSERT_FALSE(extends(old - 1, tree(0, old - 1), size, tree(0, size), proof) && old > 1);
        }
    }
}

TEST(Merkle, NoProofSurvivesAChange) {
    Naive tree{sizes};
    std::mt19937 random{20'261'121};
    const auto pick = [&](std::int64_t from, std::int64_t to) {
        return std::uniform_int_distribution<std::int64_t>{from, to}(random);
    };
    for (int round = 0; round < 4000; ++round) {
        const auto size = pick(2, sizes), at = pick(1, size - 1);
        auto inclusion = roots_of(tree, inclusion_ranges(at, size));
        auto consistency = roots_of(tree, consistency_ranges(at, size));
        for (auto* proof : {&inclusion, &consistency}) {
            switch (pick(0, 2)) {
                case 0:
                    (*proof)[static_cast<std::size_t>(
                        pick(0, static_cast<std::int64_t>(proof->size()) - 1))]
                            [static_cast<std::size_t>(pick(0, 31))] ^=
                        static_cast<std::uint8_t>(1 << pick(0, 7));
                    break;
                case 1: proof->pop_back(); break;
                default: proof->push_back(tree.leaf(at)); break;
            }
        }
        ASSERT_FALSE(includes(tree.leaf(at), at, size, inclusion, tree(0, size)));
        ASSERT_FALSE(extends(at, tree(0, at), size, tree(0, size), consistency));
    }
}

TEST(Merkle, FromNothingEverythingFollowsAndNothingShrinks) {
    Naive tree{8};
    EXPECT_TRUE(extends(0, empty_root(), 5, tree(0, 5), {}));
    EXPECT_FALSE(extends(0, tree(0, 1), 5, tree(0, 5), {}));
    EXPECT_TRUE(extends(5, tree(0, 5), 5, tree(0, 5), {}));
    EXPECT_FALSE(extends(5, tree(0, 5), 4, tree(0, 4), {}));
    EXPECT_FALSE(includes(tree.leaf(0), 5, 5, {}, tree(0, 5)));
}

}  // namespace
}  // namespace merkle_test
