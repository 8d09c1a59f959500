#pragma once
#include "events/sealing.hpp"

#include <optional>
#include <unordered_map>

/// Checking a lane from its first event on, online or from a file, with no word of a database taken
/// for granted.
namespace events {

/// The first thing that is wrong: at `position`, or between it and `until`, where only a signature
/// over the whole stretch shows it.
struct Finding {
    int lane{};
    std::int64_t position{}, until{};
    std::string rule;
    std::string detail;
};

/// A checkpoint that somebody else has kept.
struct Kept {
    Checkpoint head;
    std::string who;
};

/// Is told a lane in order of position and answers with the first broken rule. Memory grows with
/// the number of streams and tenants of the lane, not of its events.
class LaneAudit {
public:
    using Found = std::optional<Finding>;

    LaneAudit(int lane, std::string origin, LaneKeys keys);
    /// Before the first event.
    void expect(std::vector<Kept> kept);

    /// The next event; of `event` everything but `data` is looked at.
    Found event(const Recorded& event, const Hash& data_digest);
    /// Other tenants' leaves, of which only subtrees are shown, as merkle::cover() gives them.
    Found gap(std::int64_t until, const std::vector<Hash>& subtrees);
    /// A checkpoint of the tree as it is now.
    Found checkpoint(std::string_view note);
    /// The end: what others have kept must not reach beyond it, and the last checkpoint is the
    /// newest key's. Older keys may be stolen, which is why there is a newer one.
    Found end();

    std::int64_t size() const { return tree_.size(); }
    Hash root() const { return tree_.root(); }
    const Hash& last_leaf() const { return last_leaf_; }
    std::int64_t tenant_last(domain::TenantId tenant) const;
    /// Inner nodes at levels 8, 16, 24… that the last event or gap completed.
    const std::vector<std::pair<merkle::Subtree, Hash>>& completed() const { return completed_; }
    std::int64_t checkpoints() const { return checkpoints_; }
    /// Of the last checkpoint, in seconds.
    std::int64_t last_signed_at() const { return last_signed_at_; }
    /// Of the checkpoints that others have kept: those of a size that this lane was told, and those
    /// that fell into a gap.
    std::int64_t compared() const { return compared_; }
    std::int64_t passed_over() const { return passed_over_; }

    Finding at(std::int64_t position, std::string_view rule, std::string detail = {}) const;

private:
    Found grown();
    Found in_the_stretch(std::string_view rule, std::string detail) const;
    merkle::Frontier::Completed keep_completed();

    int lane_;
    std::string origin_;
    LaneKeys keys_;
    std::vector<Kept> kept_;  ///< the smallest last
    merkle::Frontier tree_;
    Hash last_leaf_{};
    std::vector<std::pair<merkle::Subtree, Hash>> completed_;
    std::int64_t vouched_ = 0;  ///< up to here a signature agrees
    std::int64_t checkpoints_ = 0;
    std::int64_t compared_ = 0, passed_over_ = 0;
    std::int64_t last_signed_at_ = 0;
    int last_epoch_ = 0;
    std::unordered_map<domain::TenantId, std::int64_t, domain::UuidHash> tenants_;
    std::unordered_map<domain::Uuid, std::int64_t, domain::UuidHash> versions_;
};

}  // namespace events
