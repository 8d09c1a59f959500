#include "src/postgres/audit_bundle.hpp"

#include "events/audit_bundle.hpp"
#include "projections/audit_query.hpp"
#include "projections/lane_tree.hpp"
#include "src/postgres/event_store.hpp"

#include <pqxx/pqxx>

namespace postgres {
namespace {

constexpr int page_events = 1000;

class BundleWriter {
public:
    BundleWriter(pqxx::transaction_base& tx, const BundleOf& what, const Sink& sink)
        : tx_{tx}, what_{what}, sink_{sink} {}

    domain::Result<std::int64_t> run() {
        const auto newest = projections::audit::newest_checkpoint(tx_, what_.lane);
        if (!newest) return std::unexpected(newest.error());
        size_ = newest->head.size;
        sink_(events::bundle_line({newest->head.origin, what_.lane, size_, what_.tenant}));
        for (const auto& note : key_notes(tx_, what_.lane))
            sink_(events::bundle_note_line("keys", note));
        while (true) {
            const auto page = read_page();
            if (auto written = write_page(page); !written) return std::unexpected(written.error());
            if (page.size() < page_events) break;
        }
        if (auto closed = close_gap(size_); !closed) return std::unexpected(closed.error());
        if (what_.tenant) sink_(events::bundle_note_line("checkpoint", newest->note));
        sink_(events::bundle_end_line(events_));
        return events_;
    }

private:
    std::vector<Header> read_page() {
        std::vector<Header> page;
        if (what_.tenant) {
            for (const auto& row :
                 tx_.exec(std::string{"select "} + event_columns +
                              " from log.event e where e.tenant = $1 and e.lane = $2 and "
                              "e.position > $3 and e.position <= $4 order by e.position limit $5",
                          pqxx::params{domain::to_text(*what_.tenant), what_.lane, read_, size_,
                                       page_events}))
                page.push_back({recorded_from(row), {}});
        } else {
            for (const auto& row :
                 tx_.exec("select " + header_columns() +
                              " from integrity.header e where e.lane = $1 and e.position > $2 and "
                              "e.position <= $3 order by e.position limit $4",
                          pqxx::params{what_.lane, read_, size_, page_events}))
                page.push_back(header_from(row));
        }
        if (!page.empty()) read_ = page.back().event.position;
        return page;
    }

    domain::Result<void> write_page(const std::vector<Header>& page) {
        if (page.empty()) return {};
        if (auto filled = fill_gaps(page); !filled) return filled;
        const auto notes = what_.tenant ? std::map<std::int64_t, std::string>{} : checkpoints();
        for (const auto& one : page) {
            const auto& event = one.event;
            if (what_.tenant) {
                if (auto closed = close_gap(event.position - 1); !closed) return closed;
            }
            const auto number = ++tenants_[event.tenant];
            sink_(events::bundle_event_line(
                event, number, what_.tenant ? std::nullopt : std::optional{one.data_digest}));
            written_ = event.position;
            ++events_;
            if (const auto note = notes.find(written_); note != notes.end())
                sink_(events::bundle_note_line("checkpoint", note->second));
        }
        return {};
    }

    /// The newest checkpoint of every size that this page reaches.
    std::map<std::int64_t, std::string> checkpoints() {
        std::map<std::int64_t, std::string> notes;
        for (const auto& row :
             tx_.exec("select size, note from integrity.checkpoint where lane = $1 and size > $2 "
                      "and size <= $3 order by size, signed_at",
                      pqxx::params{what_.lane, written_, read_}))
            notes[row[0].as<std::int64_t>()] = projections::bytes_of(row[1].view());
        return notes;
    }

    /// Reads the roots of all gaps of a page at once.
    domain::Result<void> fill_gaps(const std::vector<Header>& page) {
        roots_.clear();
        if (!what_.tenant) return {};
        std::vector<events::merkle::Range> ranges;
        auto from = written_;
        for (const auto& one : page) {
            for (const auto& part : events::merkle::cover({from, one.event.position - 1}))
                ranges.push_back({part.first(), part.end()});
            from = one.event.position;
        }
        return read_roots(ranges);
    }

    domain::Result<void> read_roots(const std::vector<events::merkle::Range>& ranges) {
        const auto roots = projections::range_roots(tx_, what_.lane, ranges);
        if (!roots) return std::unexpected(roots.error());
        for (std::size_t i = 0; i < ranges.size(); ++i) roots_[ranges[i].from] = (*roots)[i];
        return {};
    }

    domain::Result<void> close_gap(std::int64_t until) {
        const auto cover = events::merkle::cover({written_, until});
        if (cover.empty()) return {};
        std::vector<events::merkle::Range> ranges;
        for (const auto& part : cover) {
            if (!roots_.contains(part.first())) ranges.push_back({part.first(), part.end()});
        }
        if (!ranges.empty()) {
            if (auto read = read_roots(ranges); !read) return read;
        }
        std::vector<events::Hash> subtrees;
        for (const auto& part : cover) subtrees.push_back(roots_.at(part.first()));
        sink_(events::bundle_gap_line(until, subtrees));
        written_ = until;
        return {};
    }

    pqxx::transaction_base& tx_;
    const BundleOf& what_;
    const Sink& sink_;
    std::int64_t size_ = 0, read_ = 0, written_ = 0, events_ = 0;
    std::map<std::int64_t, events::Hash> roots_;  ///< by the first leaf
    std::map<domain::TenantId, std::int64_t> tenants_;
};

}  // namespace

domain::Result<std::int64_t> write_bundle(pqxx::transaction_base& tx, const BundleOf& what,
                                          const Sink& sink) {
    return BundleWriter{tx, what, sink}.run();
}

}  // namespace postgres
