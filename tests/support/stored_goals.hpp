#pragma once
#include <cstdint>
#include <string_view>

/// Goals as the log stores them, for tests that append without the domain and fold what they wrote.
namespace support {

/// `goal.drafted` and `goal.archived`, schema 1.
inline constexpr std::string_view goal_drafted =
    R"({"goal":"01a1fbf3-4a80-7736-b7bd-2fb5b811b5c9","title":"More","owner":)"
    R"("01a1fbf3-4a80-7736-b7bd-2fb5b811b501","specific":{"description":"x","focus_area":""}})";
inline constexpr std::string_view goal_archived =
    R"({"goal":"01a1fbf3-4a80-7736-b7bd-2fb5b811b5c9","on":"2026-12-31"})";

/// For whoever is told how far a fold has come, and does not stop it.
inline bool go_on(std::int64_t) { return true; }

}  // namespace support
