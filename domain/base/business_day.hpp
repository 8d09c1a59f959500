#pragma once
#include "domain/base/time.hpp"

#include <memory>
#include <string>

/// Which day a moment belongs to in a business that closes after midnight.
namespace domain {

/// The business day of an instant is its local wall-clock time minus the cut-off, then the date:
/// the cut-off is taken from the clock on the wall, so a day is 23, 24 or 25 hours long.
class BusinessDays {
public:
    /// Empty when the zone is unknown. `cutoff_minutes` after midnight ends the day before.
    static std::optional<BusinessDays> in(std::string_view zone, int cutoff_minutes);

    BusinessDays(BusinessDays&&) noexcept;
    BusinessDays& operator=(BusinessDays&&) noexcept;
    ~BusinessDays();

    /// Fast for instants that are near each other: the offset is looked up once a clock change.
    Date day_of(Instant instant);
    /// The first moment of a business day.
    Instant start_of(Date day) const;
    /// When the clock on the wall shows the same as at `instant`, so many days later. The earlier
    /// of two such moments, and the clock change itself where the clock skips that time.
    Instant same_time(Instant instant, int days) const;

private:
    struct Body;
    explicit BusinessDays(std::unique_ptr<Body> body);
    std::unique_ptr<Body> body_;
};

/// The business day that it is at `now`: between midnight and the cut-off still yesterday's. By UTC
/// where the zone is unknown.
Date business_today(std::string_view zone, int cutoff_minutes, Instant now);

/// The clock on a business's wall, and how long after midnight its day ends.
struct WallClock {
    std::string zone;
    int cutoff_minutes{};

    /// The business day of `instant`.
    Date day_of(Instant instant) const { return business_today(zone, cutoff_minutes, instant); }
};

/// The first day that is not complete, as far as anybody can tell: what has a later day with points
/// is complete, and so is what had two days to come.
Date complete_before(Date newest, Date today);

/// The first day of the week, month or quarter that `day` is in; weeks begin on `week_start`, where
/// 0 is Sunday.
Date week_of(Date day, int week_start);
Date month_of(Date day);
/// The same day of a later month, or that month's last day where it is shorter.
Date months_after(Date day, int months);
Date quarter_of(Date day);

}  // namespace domain
