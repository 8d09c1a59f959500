#include "events/lane_audit.hpp"

#include <algorithm>

namespace events {
namespace {

constexpr int subtree_levels = 8;

/// One key for tenant, category and id, so that a stream costs 16 bytes whatever its name.
domain::Uuid stream_key(const Recorded& event) {
    return id_of_name(event.tenant, "stream", to_text(event.stream));
}

}  // namespace

LaneAudit::LaneAudit(int lane, std::string origin, LaneKeys keys)
    : lane_{lane}, origin_{std::move(origin)}, keys_{std::move(keys)} {}

void LaneAudit::expect(std::vector<Kept> kept) {
    kept_ = std::move(kept);
    std::ranges::sort(kept_, std::greater{}, [](const Kept& one) { return one.head.size; });
}

Finding LaneAudit::at(std::int64_t position, std::string_view rule, std::string detail) const {
    return {lane_, position, position, std::string{rule}, std::move(detail)};
}

LaneAudit::Found LaneAudit::in_the_stretch(std::string_view rule, std::string detail) const {
    const auto first = std::min(vouched_ + 1, std::max<std::int64_t>(1, size()));
    return Finding{lane_, first, std::max(first, size()), std::string{rule}, std::move(detail)};
}

std::int64_t LaneAudit::tenant_last(domain::TenantId tenant) const {
    const auto found = tenants_.find(tenant);
    return found == tenants_.end() ? 0 : found->second;
}

merkle::Frontier::Completed LaneAudit::keep_completed() {
    completed_.clear();
    return [this](merkle::Subtree subtree, const Hash& hash) {
        if (subtree.level % subtree_levels == 0) completed_.emplace_back(subtree, hash);
    };
}

LaneAudit::Found LaneAudit::event(const Recorded& event, const Hash& digest) {
    const auto position = size() + 1;
    if (event.position != position)
        return at(position, "position-missing",
                  "the next one is " + std::to_string(event.position));
    // The content hash holds the kind in one byte, the column is wider.
    if (event.actor.kind < ActorKind::user || event.actor.kind > ActorKind::model)
        return at(position, "actor-kind");
    if (content_hash(event, digest) != event.hash) return at(position, "content-hash");
    auto& version = versions_[stream_key(event)];
    if (event.version != version + 1)
        return at(position, "stream-version",
                  to_text(event.stream) + " goes from " + std::to_string(version) + " to " +
                      std::to_string(event.version));
    version = event.version;
    const auto tenant_position = ++tenants_[event.tenant];
    last_leaf_ =
        leaf_hash({lane_, position, event.tenant, tenant_position}, event.hash, event.traceparent);
    tree_.append(last_leaf_, keep_completed());
    return grown();
}

LaneAudit::Found LaneAudit::gap(std::int64_t until, const std::vector<Hash>& subtrees) {
    const auto from = size();
    const auto cover = merkle::cover({from, until});
    if (until <= from || cover.size() != subtrees.size())
        return at(from + 1, "gap", "it does not reach " + std::to_string(until));
    const auto completed = keep_completed();
    for (std::size_t i = 0; i < cover.size(); ++i)
        tree_.append(cover[i].level, subtrees[i], completed);
    return grown();
}

/// After each step: whether others know the tree of this size as it is.
LaneAudit::Found LaneAudit::grown() {
    for (; !kept_.empty() && kept_.back().head.size <= size(); kept_.pop_back()) {
        const auto& kept = kept_.back();
        // Inside a gap nothing can be compared.
        const bool told = kept.head.size == size();
        ++(told ? compared_ : passed_over_);
        if (!told) continue;
        if (kept.head.root != root()) return in_the_stretch("witness-root", kept.who);
        vouched_ = size();
    }
    return std::nullopt;
}

LaneAudit::Found LaneAudit::checkpoint(std::string_view note) {
    const auto checked = checked_checkpoint(note, origin_, keys_);
    if (!checked) return in_the_stretch(checked.error(), "");
    if (checked->head.size != size())
        return in_the_stretch("checkpoint-size", std::to_string(checked->head.size));
    if (checked->epoch < last_epoch_)
        return in_the_stretch("checkpoint-key",
                              "signed by an older key than the checkpoint before it");
    if (checked->signed_at < last_signed_at_)
        return in_the_stretch("checkpoint-time", "it is older than the one before it");
    if (checked->head.root != root()) return in_the_stretch("checkpoint-root", "");
    last_epoch_ = checked->epoch;
    last_signed_at_ = checked->signed_at;
    vouched_ = size();
    ++checkpoints_;
    return std::nullopt;
}

LaneAudit::Found LaneAudit::end() {
    if (checkpoints_ > 0 && last_epoch_ < static_cast<int>(keys_.size()))
        return in_the_stretch("checkpoint-key", "the newest key has signed no checkpoint");
    if (kept_.empty()) return std::nullopt;
    const auto& kept = kept_.back();
    return Finding{lane_, size() + 1, kept.head.size, "witness-ahead",
                   kept.who + " has seen " + std::to_string(kept.head.size) + " events"};
}

}  // namespace events
