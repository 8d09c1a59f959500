#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Strong identifiers. All are UUIDs; two kinds never compare or convert.
namespace domain {

/// 128 bits in network order; text is the lower-case 36-character form.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const Uuid&) const = default;
    bool is_nil() const { return bytes == std::array<std::uint8_t, 16>{}; }
};

/// The 36-character lower-case form.
std::string to_text(const Uuid& id);
/// Accepts exactly the 36-character form, upper or lower case; anything else is empty.
std::optional<Uuid> uuid_from(std::string_view text);

template <class Tag>
struct Id {
    Uuid value{};
    auto operator<=>(const Id&) const = default;
};
template <class Tag>
std::string to_text(const Id<Tag>& id) {
    return to_text(id.value);
}

using TenantId = Id<struct TenantTag>;
using UserId = Id<struct UserTag>;
using GoalId = Id<struct GoalTag>;
using MetricId = Id<struct MetricTag>;
using LocationId = Id<struct LocationTag>;
using BatchId = Id<struct BatchTag>;
using CheckInId = Id<struct CheckInTag>;
using MilestoneId = Id<struct MilestoneTag>;
using ActionItemId = Id<struct ActionItemTag>;
using EventId = Id<struct EventTag>;
using CommandId = Id<struct CommandTag>;
/// The person whom a personal value is about: destroying their key erases it.
using SubjectId = Id<struct SubjectTag>;

/// Hash for unordered containers; ids are already random in their low bytes.
struct UuidHash {
    std::size_t operator()(const Uuid& id) const {
        std::size_t h = 0;
        for (int i = 8; i < 16; ++i) h = (h << 8) | id.bytes[static_cast<std::size_t>(i)];
        return h;
    }
    template <class Tag>
    std::size_t operator()(const Id<Tag>& id) const {
        return (*this)(id.value);
    }
};

}  // namespace domain
