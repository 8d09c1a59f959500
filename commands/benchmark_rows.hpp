#pragma once
#include "commands/benchmark_files.hpp"
#include "commands/body.hpp"

/// What the readers of all providers' files share.
namespace commands {

/// One value of a file: text, or a number of JSON; empty when it is missing.
class Cell {
public:
    static Cell of(std::string_view text);
    static Cell of(std::optional<events::Node> node);

    bool missing() const { return missing_; }
    /// Empty when it is no exact decimal.
    const std::optional<domain::Decimal>& value() const { return value_; }

private:
    bool missing_{};
    std::optional<domain::Decimal> value_;
};

/// Gathers rows as they are read.
class ObservationRows {
public:
    ObservationRows(std::string format, const domain::benchmark::Definition& series)
        : frequency_{series.frequency} {
        file_.format = std::move(format);
    }

    /// False when there is no room for more.
    bool room();
    void reject(int line, std::string code, std::string detail);
    /// `vintage` is empty when it was given and is no date.
    void take(int line, std::string_view period, const Cell& cell,
              std::optional<domain::Date> vintage, const std::array<Cell, 5>& percentiles = none());

    ObservationFile file() { return std::move(file_); }

private:
    static const std::array<Cell, 5>& none();

    domain::benchmark::Frequency frequency_;
    ObservationFile file_;
};

/// The vintage in a name such as GDP_20240131; empty when the name has none.
std::optional<domain::Date> vintage_of_name(std::string_view name, std::string_view series);

/// One fault of the file as a whole.
domain::Refusal file_fault(std::string pointer, std::string code, std::string detail);

}  // namespace commands
