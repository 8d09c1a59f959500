#pragma once
#include "projections/projection.hpp"

#include <memory>
#include <string>
#include <vector>

namespace pqxx {
class connection;
class transaction_base;
}  // namespace pqxx

/// Two revisions of read models, seen at the same position, and what tells them apart.
namespace runtime {

/// A table as both revisions have it. Checksums do not depend on the order of rows.
struct TableTally {
    std::string table;  ///< without its schema
    std::int64_t rows{}, rows_beside{};
    std::string checksum, checksum_beside;
    bool same() const { return rows == rows_beside && checksum == checksum_beside; }
};

/// A column of a row that differs. The values are JSON, with personal ones still sealed, empty
/// where the row is missing.
struct Difference {
    std::string table, key, column, live, beside;
};

/// How rows differ, counted.
struct RowDifferences {
    std::int64_t missing{};  ///< only what serves has them
    std::int64_t added{};    ///< only the other has them
    std::int64_t changed{};
};

class Together {
public:
    Together(std::unique_ptr<pqxx::connection> connection, std::string schema);
    ~Together();

    std::vector<TableTally> tallies(const projections::Projection& projection);
    RowDifferences count(const std::string& table);
    /// The first `rows` rows that differ, by key, column by column.
    std::vector<Difference> differences(const std::string& table, int rows);

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace runtime
