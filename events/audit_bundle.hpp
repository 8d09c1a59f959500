#pragma once
#include "events/lane_audit.hpp"

/// A part of the log in a file, one JSON object a line, that proves itself to whoever knows a key:
///   {"kind":"bundle","version":1,"origin":…,"lane":…,"size":…,"tenant":…}   the first line
///   {"kind":"keys","note":…}             the chain of keys, oldest first
///   {"kind":"event","position":…,…}      with "data", or "data_sha256" where no payload is shown
///   {"kind":"gap","until":…,"subtrees":[…]}   events of others, as the roots of whole subtrees
///   {"kind":"checkpoint","note":…}       of all events and gaps before it
///   {"kind":"end","events":…}            the last line
/// A lane's bundle has every event, a tenant's all of its own: their numbers leave none out.
namespace events {

struct BundleHead {
    std::string origin;
    int lane{};
    std::int64_t size{};  ///< of the last checkpoint
    std::optional<domain::TenantId> tenant{};
};
std::string bundle_line(const BundleHead& head);
std::string bundle_note_line(std::string_view kind, std::string_view note);
std::string bundle_gap_line(std::int64_t until, const std::vector<Hash>& subtrees);
/// Without `digest` the payload itself is written.
std::string bundle_event_line(const Recorded& event, std::int64_t tenant_position,
                              const std::optional<Hash>& digest);
std::string bundle_end_line(std::int64_t events);

/// Checks a bundle line by line; nothing outside of it is asked.
class BundleAudit {
public:
    /// The keys of this log that are known beforehand.
    using Trust = std::function<std::vector<NoteKey>(const BundleHead&)>;
    BundleAudit(Trust trust, std::vector<Kept> kept);

    LaneAudit::Found line(std::string_view json);
    /// After the last line.
    LaneAudit::Found end();
    const BundleHead& head() const { return head_; }
    std::int64_t events() const { return events_; }
    std::int64_t checkpoints() const { return audit_ ? audit_->checkpoints() : 0; }
    /// As LaneAudit's.
    std::int64_t compared() const { return audit_ ? audit_->compared() : 0; }
    std::int64_t passed_over() const { return audit_ ? audit_->passed_over() : 0; }

private:
    struct Line;
    LaneAudit::Found begin(const Line& line);
    LaneAudit::Found event(const Line& line);
    LaneAudit::Found gap(const Line& line);
    LaneAudit::Found close(const Line& line);
    LaneAudit::Found open_chain();
    LaneAudit::Found wrong(std::string_view rule, std::string detail) const;

    Trust trust_;
    std::vector<Kept> kept_;
    BundleHead head_;
    std::vector<std::string> key_notes_;
    std::optional<LaneAudit> audit_;
    std::int64_t events_ = 0, checkpointed_ = 0;
    bool begun_ = false, ended_ = false;
};

}  // namespace events
