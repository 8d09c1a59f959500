// Copies take the places of what serves.
#include "src/runtime/beside.hpp"
#include "src/runtime/clock.hpp"

#include <pqxx/pqxx>
#include <thread>

namespace runtime {
namespace {

using projections::Projection;

constexpr int switch_attempts_max = 100;
constexpr std::chrono::milliseconds switch_pause{100};

/// `a, b` with the tables in `schema`.
std::string list_of(const std::vector<std::string>& tables, std::string_view schema) {
    std::string list;
    for (const auto& table : tables)
        list += (list.empty() ? "" : ", ") + std::string{schema} + "." + table;
    return list;
}

/// A commit that waits for the disk takes every earlier one along.
void make_durable(pqxx::connection& connection, std::string_view projection) {
    pqxx::work tx{connection};
    tx.exec("update projection.revision set made_at = made_at where name = $1",
            pqxx::params{projection})
        .no_rows();
    tx.commit();
}

}  // namespace

/// Books follow the tables: every place keeps its checkpoints, dead letters and revision.
void Beside::switch_books(pqxx::transaction_base& tx, const std::string& name) {
    const std::string coming = name + std::string{suffix_of(place_)};
    const auto move = [&](const std::string& from, const std::string& to) {
        for (const auto* table : {"checkpoint", "dead_letter"})
            tx.exec(std::string{"update projection."} + table + " set name = $2 where name = $1",
                    pqxx::params{from, to})
                .no_rows();
    };
    const auto move_revision = [&](std::string_view from, std::string_view to) {
        tx.exec("update projection.revision set place = $3 where name = $1 and place = $2",
                pqxx::params{name, from, to})
            .no_rows();
    };
    move(name, name + "@swap");
    move(coming, name);
    move(name + "@swap", name + "@previous");
    move_revision("board", "board_swap");
    move_revision(schema_of(place_), "board");
    move_revision("board_swap", "board_previous");
    tx.exec("delete from projection.lease where name = $1", pqxx::params{coming}).no_rows();
    tx.exec(
          "update projection.state set failed = null, changed_at = now() "
          "where name = $1 and failed is not null",
          pqxx::params{name})
        .no_rows();
}

domain::Result<std::int64_t> Beside::try_switch(const Projection& projection,
                                                const Advanced& advanced) {
    const auto tables = bare_tables(projection);
    const std::string schema{schema_of(place_)};
    const auto both = list_of(tables, "only board") + ", " + list_of(tables, "only " + schema);
    const Projection* one[]{&projection};
    pqxx::work tx{*control_};
    // What could be switched back to goes with the switch or stays, and before anybody waits for
    // us.
    if (place_ == Place::next) drop(tx, one, Place::previous);
    // An autovacuum gives way to this weaker lock, which holds up no reader and no projection.
    tx.exec("lock table " + both + " in share update exclusive mode");
    // Compiled and planned before anybody waits for it.
    tx.exec("select projection.switch_tables('{}', $1)", pqxx::params{schema}).one_row();
    const auto folded = fold(live_positions(tx, one, true), advanced, 0);
    if (!folded) return std::unexpected(folded.error());
    switch_books(tx, std::string{projection.name});
    // Everybody who comes now waits behind us, so we do not wait long, and not for the disk.
    tx.exec(
        "set local lock_timeout = '30ms'; set local statement_timeout = '50ms';"
        "set local synchronous_commit = off");
    const auto started = steady_micros();
    tx.exec("lock table " + both + " in access exclusive mode");
    tx.exec("set local statement_timeout = '2s'");
    tx.exec("select projection.switch_tables($1::text[], $2)",
            pqxx::params{column_of(tables).bound(), schema})
        .one_row();
    tx.commit();
    const auto millis = (steady_micros() - started) / 1000;
    make_durable(*control_, projection.name);
    return millis;
}

domain::Result<Switched> Beside::switch_over(const Advanced& advanced) {
    // Nothing that lacks a key is put in the place of what serves.
    if (place_ == Place::next) complete_tables();
    Switched all;
    while (!projections_.empty()) {
        const auto switched = switch_one(*projections_.front(), advanced);
        if (!switched) return switched;
        all.millis = std::max(all.millis, switched->millis);
        all.attempts = std::max(all.attempts, switched->attempts);
        // What serves now is beside nothing any more.
        projections_.erase(projections_.begin());
        names_.pop_front();
    }
    return all;
}

domain::Result<Switched> Beside::switch_one(const Projection& projection,
                                            const Advanced& advanced) {
    for (int attempt = 1; attempt <= switch_attempts_max; ++attempt) {
        // The others come near when it is their turn.
        if (const auto near = catch_up(1, advanced); !near) return std::unexpected(near.error());
        try {
            const auto millis = try_switch(projection, advanced);
            if (!millis) return std::unexpected(millis.error());
            return Switched{*millis, attempt};
        } catch (const pqxx::sql_error& error) {
            // A lock that did not come in time, a statement that was ended for it, a deadlock.
            const auto state = error.sqlstate();
            if (state != "55P03" && state != "57014" && state != "40P01") throw;
        }
        std::this_thread::sleep_for(switch_pause);
    }
    return domain::refuse(switch_refused, std::string{projection.name});
}

}  // namespace runtime
