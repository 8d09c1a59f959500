#include "src/runtime/beside.hpp"

#include "src/postgres/refusing.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/program.hpp"
#include "src/runtime/slices.hpp"
#include "src/runtime/together.hpp"
#include "src/runtime/uuid.hpp"

#include <limits>
#include <pqxx/pqxx>

namespace runtime {
namespace {

using projections::Projection;
using Live = std::map<std::string, Positions>;

constexpr int lease_seconds = 60;
constexpr int rounds_max = 20;
constexpr std::int64_t near_events = 2000;
/// A standstill of so long is not worth another round.
constexpr std::int64_t near_micros = 50'000;
constexpr int slices_max = 16;

std::vector<std::string> without_schema(std::span<const std::string_view> named) {
    std::vector<std::string> tables;
    for (const auto table : named) tables.emplace_back(table.substr(table.find('.') + 1));
    return tables;
}

std::vector<std::string> all_tables(std::span<const Projection* const> projections) {
    std::vector<std::string> all;
    for (const auto* projection : projections) {
        auto tables = bare_tables(*projection);
        std::ranges::move(tables, std::back_inserter(all));
    }
    return all;
}

/// Tells apart tables that a rewritten statement would not fit.
std::string shape_of(pqxx::transaction_base& tx, const Projection& projection,
                     std::string_view schema) {
    return tx
        .exec(R"sql(
        select coalesce(md5(string_agg(format('%s %s %s %s', c.relname, a.attname,
                                              format_type(a.atttypid, a.atttypmod), a.attnotnull),
                                       ',' order by c.relname, a.attname)), '')
          from pg_class c join pg_attribute a on a.attrelid = c.oid
         where c.relnamespace = to_regnamespace($1) and c.relname = any ($2::text[])
           and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped)sql",
              pqxx::params{schema, column_of(bare_tables(projection)).bound()})
        .one_field()
        .as<std::string>();
}

}  // namespace

std::string_view schema_of(Place place) {
    switch (place) {
        case Place::next: return "board_next";
        case Place::previous: return "board_previous";
        case Place::compare: return "board_compare";
    }
    std::unreachable();
}

std::string_view suffix_of(Place place) {
    switch (place) {
        case Place::next: return "@next";
        case Place::previous: return "@previous";
        case Place::compare: return "@compare";
    }
    std::unreachable();
}

std::vector<std::string> bare_tables(const Projection& projection) {
    return without_schema(projection.tables);
}

projections::Texts column_of(const std::vector<std::string>& texts) {
    projections::Texts column;
    for (const auto& text : texts) column.push_back(std::string_view{text});
    return column;
}

Beside::Beside(postgres::Database database, std::vector<const Projection*> projections, Place place,
               BesideOptions options)
    : database_{std::move(database)},
      projections_{std::move(projections)},
      place_{place},
      options_{options},
      holder_{domain::to_text(uuid_v7()), lease_seconds},
      build_{program_digest()},
      control_{postgres::connect(database_, postgres::As::projector)},
      crew_{options.threads} {
    for (const auto* projection : projections_)
        names_.push_back(std::string{projection->name} + std::string{suffix_of(place)});
}

Beside::~Beside() = default;

domain::Result<std::unique_ptr<Beside>> Beside::hold(const postgres::Database& database,
                                                     std::vector<const Projection*> projections,
                                                     Place place, const BesideOptions& options) {
    std::unique_ptr<Beside> beside{new Beside{database, std::move(projections), place, options}};
    pqxx::nontransaction tx{*beside->control_};
    tx.exec("set lock_timeout = '2s'");
    // The lock is the session's: it ends with this process, even where nobody could clean up.
    for (const auto* projection : beside->projections_) {
        try {
            tx.exec("select pg_advisory_lock(hashtext('cairn beside'), hashtext($1))",
                    pqxx::params{projection->name});
        } catch (const pqxx::sql_error& error) {
            // Not in time, or the two wait for each other.
            if (error.sqlstate() != "55P03" && error.sqlstate() != "40P01") throw;
            return domain::refuse(beside_busy, std::string{projection->name});
        }
    }
    tx.exec("reset lock_timeout");
    return beside;
}

bool Beside::fits(pqxx::transaction_base& tx, const Projection& projection) {
    const auto rows =
        tx.exec("select build from projection.revision where name = $1 and place = $2",
                pqxx::params{projection.name, schema_of(place_)});
    if (rows.empty()) return false;
    const bool ours = place_ == Place::previous || rows[0][0].as<std::string>() == build_;
    return ours && shape_of(tx, projection, "board") == shape_of(tx, projection, schema_of(place_));
}

void Beside::forget(pqxx::transaction_base& tx, std::string_view name) {
    for (const auto* table : {"checkpoint", "lease", "dead_letter", "state"})
        tx.exec(std::string{"delete from projection."} + table +
                    " where name = $1 or starts_with(name, $1 || '/')",
                pqxx::params{name})
            .no_rows();
}

void Beside::take_leases(pqxx::transaction_base& tx, const Projection& projection) {
    const auto name = std::string{projection.name} + std::string{suffix_of(place_)};
    tx.exec(R"sql(
        insert into projection.lease as l (name, lane, epoch, holder, expires_at)
        select $1, h.lane, 1, $2, now() + $3 * interval '1 second' from log.lane_head h
            on conflict (name, lane) do update
           set epoch = l.epoch + 1, holder = excluded.holder, expires_at = excluded.expires_at)sql",
            pqxx::params{name, holder_.name, holder_.seconds})
        .no_rows();
    for (const auto& checkpoint : {std::string{projection.name}, name})
        tx.exec(
              "insert into projection.checkpoint (name, lane) select $1, lane from log.lane_head "
              "on conflict do nothing",
              pqxx::params{checkpoint})
            .no_rows();
}

Begun Beside::begin_one(const Projection& projection) {
    pqxx::work tx{*control_};
    const auto name = std::string{projection.name} + std::string{suffix_of(place_)};
    Begun begun{.resumed = fits(tx, projection)};
    tx.exec(
          "insert into projection.revision (name, place, number, build) "
          "values ($1, 'board', 1, '') on conflict do nothing",
          pqxx::params{projection.name})
        .no_rows();
    if (!begun.resumed) {
        forget(tx, name);
        tx.exec("select projection.make_beside($1::text[], $2::text[], $3)",
                pqxx::params{column_of(bare_tables(projection)).bound(),
                             column_of(without_schema(projection.appended)).bound(),
                             schema_of(place_)})
            .one_row();
        tx.exec(R"sql(
            insert into projection.revision (name, place, number, build)
            select $1, $2, max(number) + 1, $3
              from projection.revision where name = $1
                on conflict (name, place) do update
               set number = excluded.number, build = excluded.build, made_at = now())sql",
                pqxx::params{projection.name, schema_of(place_), build_})
            .no_rows();
    }
    take_leases(tx, projection);
    const auto number = [&](std::string_view place) {
        return tx
            .exec(
                "select coalesce(max(number), 1) from projection.revision "
                "where name = $1 and place = $2",
                pqxx::params{projection.name, place})
            .one_field()
            .as<std::int64_t>();
    };
    begun.number = number(schema_of(place_));
    begun.live = number("board");
    tx.commit();
    return begun;
}

domain::Result<std::vector<Begun>> Beside::begin() {
    std::vector<Begun> all;
    if (place_ == Place::previous) {
        pqxx::nontransaction tx{*control_};
        for (const auto* projection : projections_) {
            if (!fits(tx, *projection))
                return domain::refuse(no_previous, std::string{projection->name});
        }
    }
    for (const auto* projection : projections_) all.push_back(begin_one(*projection));
    return all;
}

Live Beside::live_positions(pqxx::transaction_base& tx, std::span<const Projection* const> of,
                            bool locked) {
    Live live;
    for (const auto* projection : of) {
        for (const auto& [lane, position] : tx.query<int, std::int64_t>(
                 "select lane, position from projection.checkpoint where name = $1 order by lane" +
                     std::string{locked ? " for no key update" : ""},
                 pqxx::params{projection->name}))
            live[std::string{projection->name}][lane] = position;
    }
    return live;
}

std::int64_t Beside::behind() { return behind(projections_.size()); }

/// Of the first `count` projections, as the others below.
std::int64_t Beside::behind(std::size_t count) {
    projections::Texts names;
    for (const auto* projection : std::span{projections_}.first(count))
        names.push_back(projection->name);
    pqxx::nontransaction tx{*control_};
    return events_behind(tx, names, suffix_of(place_));
}

std::vector<Subject> Beside::subjects(const Live& live, std::deque<std::string>& slice_names) {
    std::vector<Subject> all;
    for (std::size_t i = 0; i < projections_.size(); ++i) {
        const auto found = live.find(std::string{projections_[i]->name});
        if (found == live.end()) continue;
        const auto split = slices_.find(names_[i]);
        const int count = split == slices_.end() ? 1 : split->second;
        for (int index = 0; index < count; ++index) {
            Subject subject{*projections_[i], found->second, {index, count}};
            subject.projection.name =
                count == 1 ? names_[i]
                           : slice_names.emplace_back(name_of_slice(names_[i], subject.slice));
            all.push_back(std::move(subject));
        }
    }
    return all;
}

domain::Result<Replayed> Beside::fold(const Live& live, const Advanced& advanced,
                                      std::int64_t throttle) {
    std::deque<std::string> slice_names;
    return replay(database_, subjects(live, slice_names),
                  {.holder = holder_,
                   .board = std::string{schema_of(place_)},
                   .batch_events = options_.batch_events,
                   .throttle_events = throttle,
                   .crew = &crew_},
                  advanced);
}

void Beside::split_uneven(std::size_t projections) {
    pqxx::work tx{*control_};
    for (std::size_t i = 0; i < projections; ++i) {
        auto count = slices_of(tx, names_[i]);
        if (count == 0 && projections_[i]->by_stream &&
            lanes_are_uneven(tx, names_[i], projections_[i]->name, options_.threads,
                             options_.slice_events_min))
            count = std::min(options_.threads, slices_max);
        if (count == 0) continue;
        take_slices(tx, names_[i], count, holder_);
        slices_[names_[i]] = count;
    }
    tx.commit();
}

void Beside::merge() {
    pqxx::work tx{*control_};
    for (const auto& [name, count] : slices_) merge_slices(tx, name);
    tx.commit();
    slices_.clear();
}

domain::Result<Replayed> Beside::catch_up(const Advanced& advanced) {
    return catch_up(projections_.size(), advanced);
}

domain::Result<Replayed> Beside::catch_up(std::size_t count, const Advanced& advanced) {
    Replayed all;
    auto took_before = std::numeric_limits<std::int64_t>::max();
    for (int round = 0; round < rounds_max; ++round) {
        const auto started = steady_micros();
        split_uneven(count);
        Live live;
        {
            pqxx::nontransaction tx{*control_};
            live = live_positions(tx, std::span{projections_}.first(count), false);
        }
        const auto replayed = fold(live, advanced, options_.throttle_events);
        if (!replayed) return replayed;
        merge();
        all.events += replayed->events;
        all.parked += replayed->parked;
        const auto took = steady_micros() - started;
        // A round folds what came during the one before, and events differ in weight: only time
        // tells how long the standstill would be.
        const bool shortens = took < took_before / 4 * 3;
        took_before = took;
        if ((took <= near_micros || !shortens) && behind(count) <= near_events) break;
    }
    return all;
}

void Beside::complete_tables() {
    pqxx::work tx{*control_};
    tx.exec("select projection.index_beside($1::text[], $2)",
            pqxx::params{column_of(all_tables(projections_)).bound(), schema_of(place_)})
        .one_row();
    tx.commit();
}

void Beside::make_indexes() {
    complete_tables();
    // Rows that came in bulk have no statistics yet, and the switch would bring plans without any.
    pqxx::nontransaction analyze{*control_};
    for (const auto& table : all_tables(projections_))
        analyze.exec("analyze " + std::string{schema_of(place_)} + "." + table);
}

domain::Result<std::unique_ptr<Together>> Beside::together(const Advanced& advanced) {
    pqxx::work standing{*control_};
    standing.exec(
        "set local lock_timeout = '30s'; set local idle_in_transaction_session_timeout = '10min'");
    const auto folded = fold(live_positions(standing, projections_, true), advanced, 0);
    if (!folded) return std::unexpected(folded.error());
    auto both = std::make_unique<Together>(postgres::connect(database_, postgres::As::projector),
                                           std::string{schema_of(place_)});
    // Throws where what serves has not stood still until the snapshot was taken.
    standing.exec("select 1").one_row();
    return both;
}

void Beside::drop(pqxx::transaction_base& tx, std::span<const Projection* const> of, Place place) {
    tx.exec("select projection.drop_beside($1::text[], $2)",
            pqxx::params{column_of(all_tables(of)).bound(), schema_of(place)})
        .one_row();
    for (const auto* projection : of) {
        forget(tx, std::string{projection->name} + std::string{suffix_of(place)});
        tx.exec("delete from projection.revision where name = $1 and place = $2",
                pqxx::params{projection->name, schema_of(place)})
            .no_rows();
    }
}

void Beside::discard() {
    pqxx::work tx{*control_};
    drop(tx, projections_, place_);
    tx.commit();
}

}  // namespace runtime
