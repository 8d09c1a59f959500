#include "src/runtime/together.hpp"

#include <pqxx/pqxx>

namespace runtime {
namespace {

/// How points are kept, as rows or packed, is upkeep's doing and not the log's. What they amount to
/// is compared: roll-ups by hour and the values that were replaced.
bool is_kept_by_upkeep(std::string_view table) {
    return table == "board.business_metrics" || table == "board.metric_segment" ||
           table == "board.metric_frozen";
}

}  // namespace

struct Together::Body {
    std::unique_ptr<pqxx::connection> connection;
    std::string schema;
    pqxx::transaction<pqxx::isolation_level::repeatable_read, pqxx::write_policy::read_only> tx;

    Body(std::unique_ptr<pqxx::connection> given, std::string name)
        : connection{std::move(given)}, schema{std::move(name)}, tx{*connection} {
        // The first statement fixes what all later ones see.
        tx.exec("select 1").one_row();
    }

    std::string named(std::string_view place, const std::string& table) {
        return connection->quote_name(place) + "." + connection->quote_name(table);
    }
    /// The row `alias` of `table` as one 64-bit number; equal values give equal numbers whatever
    /// they look like (1.5 and 1.50). Types that cannot be hashed go by their text.
    std::string hash_of(const std::string& table, const std::string& alias) {
        std::string columns;
        for (const auto& [name, hashable] : tx.query<std::string, bool>(R"sql(
                 select a.attname,
                        exists (select from pg_opclass o join pg_am m on m.oid = o.opcmethod
                                 where m.amname = 'hash' and o.opcdefault
                                   and o.opcintype = a.atttypid)
                   from pg_attribute a
                  where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped
                  order by a.attname)sql",
                                                                        named("board", table)))
            columns += (columns.empty() ? "" : ", ") + alias + "." + connection->quote_name(name) +
                       (hashable ? "" : "::text");
        return "hash_record_extended(row(" + columns + "), 0)";
    }
    std::vector<std::string> key_of(const std::string& table) {
        std::vector<std::string> key;
        for (const auto& [name] : tx.query<std::string>(R"sql(
                 select a.attname
                   from pg_index i
                  cross join unnest(i.indkey::int[]) with ordinality as k (attnum, place)
                   join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
                  where i.indrelid = $1::regclass and i.indisprimary order by k.place)sql",
                                                        named("board", table)))
            key.push_back(name);
        return key;
    }
    /// Both revisions side by side; rows without a match have NULLs on the other side.
    std::string joined(const std::string& table) {
        std::string by;
        for (const auto& column : key_of(table))
            by += (by.empty() ? "" : ", ") + connection->quote_name(column);
        return " from " + named("board", table) + " a full join " + named(schema, table) +
               " b using (" + by + ") where (a.* is null) <> (b.* is null) or " +
               hash_of(table, "a") + " <> " + hash_of(table, "b");
    }
    std::pair<std::int64_t, std::string> tally(std::string_view place, const std::string& table) {
        return tx
            .exec("select count(*), coalesce(sum(" + hash_of(table, "t") + "), 0)::text from " +
                  named(place, table) + " t")
            .one_row()
            .as<std::int64_t, std::string>();
    }
};

Together::Together(std::unique_ptr<pqxx::connection> connection, std::string schema)
    : body_{std::make_unique<Body>(std::move(connection), std::move(schema))} {}
Together::~Together() = default;

std::vector<TableTally> Together::tallies(const projections::Projection& projection) {
    std::vector<TableTally> all;
    for (const auto table : projection.tables) {
        if (is_kept_by_upkeep(table)) continue;
        TableTally one{.table = std::string{table.substr(table.find('.') + 1)}};
        std::tie(one.rows, one.checksum) = body_->tally("board", one.table);
        std::tie(one.rows_beside, one.checksum_beside) = body_->tally(body_->schema, one.table);
        all.push_back(std::move(one));
    }
    return all;
}

RowDifferences Together::count(const std::string& table) {
    const auto [missing, added, all] = body_->tx
                                           .exec(
                                               "select count(*) filter (where b.* is null), "
                                               "count(*) filter (where a.* is null), count(*)" +
                                               body_->joined(table))
                                           .one_row()
                                           .as<std::int64_t, std::int64_t, std::int64_t>();
    return {missing, added, all - missing - added};
}

std::vector<Difference> Together::differences(const std::string& table, int rows) {
    std::string keys, order;
    for (const auto& column : body_->key_of(table)) {
        const auto name = body_->connection->quote_name(column);
        keys += (keys.empty() ? "" : ", ") + body_->connection->quote(column) + ", " + name;
        order += (order.empty() ? "" : ", ") + name;
    }
    std::vector<Difference> found;
    for (const auto& row :
         body_->tx.exec("with rows as (select json_build_object(" + keys +
                        ")::text as key, to_jsonb(a) as live, to_jsonb(b) as beside, "
                        "row_number() over (order by " +
                        order + ") as place" + body_->joined(table) + " order by " + order +
                        " limit " + std::to_string(rows) +
                        ") select r.key, d.name, d.live, d.beside from rows r cross join lateral ("
                        "select coalesce(l.key, n.key) as name, l.value::text as live, "
                        "n.value::text as beside from jsonb_each(coalesce(r.live, '{}')) l "
                        "full join jsonb_each(coalesce(r.beside, '{}')) n on n.key = l.key "
                        "where l.value is distinct from n.value) d order by r.place, d.name"))
        found.push_back({table, row[0].as<std::string>(), row[1].as<std::string>(),
                         row[2].as<std::string>(""), row[3].as<std::string>("")});
    return found;
}

}  // namespace runtime
