#include "tests/support/flips.hpp"

namespace support {

std::vector<std::string> changes_of(const std::string& column, const std::string& type,
                                    std::int64_t size, std::int64_t step) {
    std::vector<std::string> changes;
    const auto bits = [&](int count, const std::string& cast) {
        for (int bit = 0; bit < count; ++bit)
            changes.push_back("(" + column + "::bigint # (1::bigint << " + std::to_string(bit) +
                              "))::" + cast);
    };
    const auto bytes = [&](const std::string& as_bytes, const std::string& head,
                           const std::string& tail) {
        for (std::int64_t at = 0; at < size; at += step) {
            const auto place = std::to_string(at);
            changes.push_back(head + "set_byte(" + as_bytes + ", " + place + ", get_byte(" +
                              as_bytes + ", " + place + ") # 1)" + tail);
        }
    };
    if (type == "smallint") bits(15, "smallint");
    if (type == "integer") bits(31, "integer");
    if (type == "bigint") bits(62, "bigint");
    if (type == "timestamp with time zone") {
        for (int bit = 0; bit < 50; ++bit)
            changes.push_back(column + " + (1::bigint << " + std::to_string(bit) +
                              ") * interval '1 microsecond'");
        changes.push_back("'infinity'");
    }
    if (type == "uuid") bytes("uuid_send(" + column + ")", "encode(", ", 'hex')::uuid");
    if (type == "bytea") bytes(column, "", "");
    if (type == "text" || type == "json") {
        bytes("convert_to(" + column + "::text, 'UTF8')", "convert_from(", ", 'UTF8')::" + type);
        changes.push_back("(" + column + " || ' ')::" + type);
    }
    if (type == "uuid[]" || type == "bigint[]") {
        changes.push_back(column + "[2:]");
        changes.push_back(column + " || " + column + "[1:1]");
        changes.push_back("array_append(" + column + "[2:], " + column + "[1])");
        changes.push_back("array[" + column + "]");
    }
    return changes;
}

std::vector<Column> columns_of(TamperedLog& log, const std::string& table) {
    pqxx::nontransaction tx{log.admin()};
    std::vector<Column> columns;
    for (const auto& [name, type] : tx.query<std::string, std::string>(
             "select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = "
             "'" +
             table + "'::regclass and attnum > 0 and atttypid <> 'bool'::regtype"))
        columns.push_back({name, type});
    return columns;
}

std::int64_t bytes_in(TamperedLog& log, const std::string& table, const Column& column,
                      const std::string& where) {
    if (column.type == "uuid") return 16;
    if (column.type != "bytea" && column.type != "text" && column.type != "json") return 0;
    pqxx::nontransaction tx{log.admin()};
    return tx.query_value<std::int64_t>("select octet_length(" + column.name +
                                        (column.type == "json" ? "::text" : "") + ") from " +
                                        table + " where " + where);
}

}  // namespace support
