#include "src/runtime/slices.hpp"

#include "domain/base/check.hpp"

#include <pqxx/pqxx>

namespace runtime {

std::string name_of_slice(std::string_view name, Slice slice) {
    return std::string{name} + "/" + std::to_string(slice.index + 1) + "of" +
           std::to_string(slice.count);
}

int slices_of(pqxx::transaction_base& tx, std::string_view name) {
    return tx.query_value<int>(
        "select count(distinct name)::int from projection.checkpoint "
        "where starts_with(name, $1 || '/')",
        pqxx::params{name});
}

void take_slices(pqxx::transaction_base& tx, std::string_view name, int count,
                 const LeaseHolder& holder) {
    std::vector<std::string> texts;
    for (int index = 0; index < count; ++index)
        texts.push_back(name_of_slice(name, {index, count}));
    projections::Texts names;
    for (const auto& text : texts) names.push_back(std::string_view{text});
    tx.exec(R"sql(
        insert into projection.checkpoint (name, lane, position)
        select s.name, c.lane, c.position
          from unnest($1::text[]) as s (name), projection.checkpoint c where c.name = $2
            on conflict (name, lane) do nothing)sql",
            pqxx::params{names.bound(), name})
        .no_rows();
    tx.exec(R"sql(
        insert into projection.lease as l (name, lane, epoch, holder, expires_at)
        select s.name, h.lane, 1, $2, now() + $3 * interval '1 second'
          from unnest($1::text[]) as s (name), log.lane_head h
            on conflict (name, lane) do update
           set epoch = l.epoch + 1, holder = excluded.holder, expires_at = excluded.expires_at)sql",
            pqxx::params{names.bound(), holder.name, holder.seconds})
        .no_rows();
    // What was parked before the split stays parked, whatever slice its stream is in.
    tx.exec(R"sql(
        insert into projection.dead_letter (name, tenant, category, stream, lane, position, code,
                                            detail, events)
        select s.name, d.tenant, d.category, d.stream, d.lane, d.position, d.code, d.detail, 0
          from unnest($1::text[]) as s (name), projection.dead_letter d where d.name = $2
            on conflict do nothing)sql",
            pqxx::params{names.bound(), name})
        .no_rows();
}

void merge_slices(pqxx::transaction_base& tx, std::string_view name) {
    const auto uneven = tx.query_value<std::int64_t>(
        R"sql(
        select count(*) from (
            select lane from projection.checkpoint where starts_with(name, $1 || '/')
             group by lane having min(position) <> max(position)) as lanes)sql",
        pqxx::params{name});
    domain::ensure(uneven == 0, "slices of one lane are merged at one position");
    tx.exec(R"sql(
        update projection.checkpoint c set position = s.position, advanced_at = now()
          from (select lane, max(position) as position from projection.checkpoint
                 where starts_with(name, $1 || '/') group by lane) as s
         where c.name = $1 and c.lane = s.lane)sql",
            pqxx::params{name})
        .no_rows();
    tx.exec(R"sql(
        insert into projection.dead_letter as d
            (name, tenant, category, stream, lane, position, code, detail, events)
        select $1, tenant, category, stream, min(lane), min(position), min(code), min(detail),
               sum(events)
          from projection.dead_letter where starts_with(name, $1 || '/')
         group by tenant, category, stream
            on conflict (name, tenant, category, stream) do update
           set events = d.events + excluded.events)sql",
            pqxx::params{name})
        .no_rows();
    for (const auto* table : {"checkpoint", "lease", "dead_letter"})
        tx.exec(std::string{"delete from projection."} + table +
                    " where starts_with(name, $1 || '/')",
                pqxx::params{name})
            .no_rows();
}

bool lanes_are_uneven(pqxx::transaction_base& tx, std::string_view name, std::string_view live,
                      int threads, std::int64_t events_min) {
    const auto [most, all] = tx.query1<std::int64_t, std::int64_t>(
        R"sql(
        select coalesce(max(l.position - b.position), 0)::bigint,
               coalesce(sum(l.position - b.position), 0)::bigint
          from projection.checkpoint l
          join projection.checkpoint b on b.name = $2 and b.lane = l.lane where l.name = $1)sql",
        pqxx::params{live, name});
    // Up to a quarter more than its share, a lane is no reason for the work of slices.
    return threads > 1 && all >= events_min && 4 * most * threads > 5 * all;
}

std::int64_t events_behind(pqxx::transaction_base& tx, const projections::Texts& live,
                           std::string_view suffix) {
    return tx.query_value<std::int64_t>(
        R"sql(
        with beside as (
            -- While slices are open, they are what moves.
            select split_part(name, '/', 1) as name, lane,
                   coalesce(avg(position) filter (where strpos(name, '/') > 0), max(position))
                       as position
              from projection.checkpoint where strpos(name, $2) > 0
             group by split_part(name, '/', 1), lane)
        select coalesce(sum(most), 0)::bigint
          from (select max(live.position - beside.position) as most
                  from projection.checkpoint live
                  join beside on beside.name = live.name || $2 and beside.lane = live.lane
                 where live.name = any ($1::text[]) group by live.lane) lanes)sql",
        pqxx::params{live.bound(), suffix});
}

}  // namespace runtime
