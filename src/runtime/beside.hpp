#pragma once
#include "projections/columns.hpp"
#include "src/runtime/replay.hpp"

#include <deque>

/// Projections folded again beside those that serve, compared with them at one position, and put
/// in their place in one transaction.
namespace runtime {

/// Where copies of read models stand. The checkpoints of `goal_board` in `next` have the name
/// `goal_board@next`.
enum class Place { next, previous, compare };
std::string_view schema_of(Place place);
std::string_view suffix_of(Place place);

inline constexpr domain::Reason beside_busy{
    domain::Reason::Kind::conflict, "rebuild-running",
    "Another process rebuilds or compares one of these projections"};
inline constexpr domain::Reason no_previous{domain::Reason::Kind::missing, "no-previous-revision",
                                            "There is no previous revision that fits"};
inline constexpr domain::Reason switch_refused{
    domain::Reason::Kind::unavailable, "switch-blocked",
    "Long transactions on the read models left no moment for the switch"};

struct BesideOptions {
    int batch_events = 2000;
    int threads = 2;
    std::int64_t throttle_events = 0;
    std::int64_t slice_events_min = 20'000;  ///< that make it worth to split an uneven lane
};

/// How one projection begins in its place.
struct Begun {
    bool resumed{};         ///< an earlier run of this very program had come so far
    std::int64_t number{};  ///< of the revision
    std::int64_t live{};    ///< of the one that serves
};

struct Switched {
    std::int64_t millis{};    ///< for which readers of a projection may have waited, at most
    std::int64_t attempts{};  ///< until no long transaction was in the way, at most
};

/// A transaction that sees the copies and what serves at the same position of every lane.
class Together;

/// For one thread. Methods throw pqxx exceptions but where they return a Result.
class Beside {
public:
    using Advanced = std::function<bool(std::int64_t events)>;

    /// Takes the projections for this process until it ends, however it ends. Waits two seconds for
    /// one that has just ended and whose connection PostgreSQL has yet to notice gone.
    static domain::Result<std::unique_ptr<Beside>> hold(
        const postgres::Database& database, std::vector<const projections::Projection*> projections,
        Place place, const BesideOptions& options);
    ~Beside();

    /// Makes empty tables, or finds those that a run of the same program has left. For
    /// Place::previous it refuses where there is no previous revision of the same shape.
    domain::Result<std::vector<Begun>> begin();
    /// Events that are still to be read: of every lane as many as the last projection lacks.
    std::int64_t behind();
    /// To where what serves stands now; it moves on meanwhile, so this goes on in rounds for as
    /// long as they get shorter: what is left then is all that a standstill has to fold. Where a
    /// lane has most of it, what is folded by stream is folded in slices, as many as there are
    /// threads.
    domain::Result<Replayed> catch_up(const Advanced& advanced);
    /// The keys and indexes that were left out while the bulk of the rows came.
    void make_indexes();
    /// What serves stands still for the last events only; then it goes on.
    domain::Result<std::unique_ptr<Together>> together(const Advanced& advanced);
    /// One projection after the other, each in one transaction. Readers that wait for it read the
    /// new tables then; none fails. What served before becomes Place::previous.
    domain::Result<Switched> switch_over(const Advanced& advanced);
    /// What stands in the place is gone then, with its books.
    void discard();

private:
    Beside(postgres::Database database, std::vector<const projections::Projection*> projections,
           Place place, BesideOptions options);

    Begun begin_one(const projections::Projection& projection);
    bool fits(pqxx::transaction_base& tx, const projections::Projection& projection);
    void take_leases(pqxx::transaction_base& tx, const projections::Projection& projection);
    void forget(pqxx::transaction_base& tx, std::string_view name);
    std::vector<Subject> subjects(const std::map<std::string, Positions>& live,
                                  std::deque<std::string>& slice_names);
    domain::Result<Replayed> catch_up(std::size_t count, const Advanced& advanced);
    std::int64_t behind(std::size_t count);
    void split_uneven(std::size_t count);
    void merge();
    void complete_tables();
    std::map<std::string, Positions> live_positions(
        pqxx::transaction_base& tx, std::span<const projections::Projection* const> of,
        bool locked);
    domain::Result<Replayed> fold(const std::map<std::string, Positions>& live,
                                  const Advanced& advanced, std::int64_t throttle);
    domain::Result<Switched> switch_one(const projections::Projection& projection,
                                        const Advanced& advanced);
    domain::Result<std::int64_t> try_switch(const projections::Projection& projection,
                                            const Advanced& advanced);
    void drop(pqxx::transaction_base& tx, std::span<const projections::Projection* const> of,
              Place place);
    void switch_books(pqxx::transaction_base& tx, const std::string& name);

    postgres::Database database_;
    std::vector<const projections::Projection*> projections_;
    Place place_;
    BesideOptions options_;
    LeaseHolder holder_;
    std::string build_;
    std::deque<std::string> names_;      ///< with their suffix, in the order of projections_
    std::map<std::string, int> slices_;  ///< of those that are split now
    std::unique_ptr<pqxx::connection> control_;
    Crew crew_;
};

/// The projection's tables without their schema.
std::vector<std::string> bare_tables(const projections::Projection& projection);
/// To be bound; valid as long as `texts` is.
projections::Texts column_of(const std::vector<std::string>& texts);

}  // namespace runtime
