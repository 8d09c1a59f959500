#pragma once
#include "tests/support/tampered_log.hpp"

/// Changes of single values in a log's tables.
namespace support {

struct Column {
    std::string name, type;
};
/// Of booleans none: theirs is no value that a byte could be changed of.
std::vector<Column> columns_of(TamperedLog& log, const std::string& table);

/// The size in bytes of the column's value in this row; 0 for types of few bits.
std::int64_t bytes_in(TamperedLog& log, const std::string& table, const Column& column,
                      const std::string& where);

/// Changes of one value, as SQL expressions: of each bit of a number, and of one bit of every
/// `step`th byte of what is longer.
std::vector<std::string> changes_of(const std::string& column, const std::string& type,
                                    std::int64_t size, std::int64_t step);

}  // namespace support
