// Files in each provider's published shape, with invented numbers: tests/data/benchmarks.
#include "commands/benchmark_files.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace benchmark_files_test {
namespace {

using namespace domain::benchmark;

const domain::Date today{*domain::date_from("2024-06-01")};

std::string content(const std::string& name) {
    std::ifstream in{std::string{REPOSITORY} + "/tests/data/benchmarks/" + name};
    std::stringstream text;
    text << in.rdbuf();
    EXPECT_FALSE(text.str().empty()) << name;
    return text.str();
}

Definition series(Provider provider, const std::string& external_id, Frequency frequency) {
    return {provider, external_id, "A series", "index", frequency, "", "US", {true, true, "Them"}};
}

using Parameters = std::multimap<std::string, std::string>;

domain::Result<commands::ObservationFile> read(const std::string& name, const Definition& series,
                                               const Parameters& parameters = {}) {
    const auto options = commands::file_options_from(parameters, today);
    if (!options) return std::unexpected(options.error());
    const auto text = content(name);
    if (name.ends_with(".csv")) return commands::observations_from_csv(text, series, *options);
    const auto document = events::Document::parse(text);
    if (!document) return std::unexpected(document.error());
    return commands::observations_from_json(document->root(), series, *options);
}

/// Every row as `period value@vintage [p10…]`, then what is missing, then the rejects.
std::string told(const domain::Result<commands::ObservationFile>& file) {
    if (!file) return file.error().faults.front().pointer + " " + file.error().faults.front().code;
    std::string out = file->format + ":";
    for (const auto& row : file->rows) {
        const auto& one = row.observation;
        out += " " + domain::to_text(one.period) + "=" + one.figures.value.text() + "@" +
               domain::to_text(one.vintage);
        for (std::size_t i = 0; i < percents.size(); ++i) {
            if (one.figures.percentiles[i])
                out +=
                    "/p" + std::to_string(percents[i]) + "=" + one.figures.percentiles[i]->text();
        }
    }
    out += " missing " + std::to_string(file->missing);
    for (const auto& reject : file->rejects)
        out += ", " + std::to_string(reject.line) + " " + reject.code;
    return out;
}

TEST(BenchmarkFiles, FredObservationsHaveTheirOwnVintages) {
    EXPECT_EQ(
        told(read("fred_observations.json", series(Provider::fred, "CPIAUCSL", Frequency::month))),
        "fred-json: 2023-11-01=307.051@2024-01-11 2023-11-01=308.024@2024-02-13 "
        "2023-12-01=306.746@2024-01-11 2023-12-01=308.742@2024-02-13 "
        "1947-01-01=21.48@2024-02-13 missing 1, 6 period");
    EXPECT_EQ(told(read("fred_vintages.json", series(Provider::fred, "GDP", Frequency::quarter))),
              "fred-json: 2023-10-01=27938.831@2024-01-25 2023-10-01=27944.627@2024-02-28 "
              "2024-01-01=28284.498@2024-02-28 missing 0");
}

TEST(BenchmarkFiles, FredAndAlfredDownloads) {
    const auto cpi = series(Provider::fred, "CPIAUCSL", Frequency::month);
    EXPECT_EQ(told(read("fred_series.csv", cpi, {{"vintage", "2024-05-15"}})),
              "fred-csv: 1947-01-01=21.48@2024-05-15 2023-12-01=308.742@2024-05-15 "
              "2024-04-01=313.207@2024-05-15 missing 1, 5 value, 6 columns");
    EXPECT_EQ(told(read("alfred_vintages.csv", series(Provider::fred, "GDP", Frequency::quarter))),
              "alfred-csv: 2023-07-01=27610.128@2024-01-25 2023-07-01=27610.128@2024-02-28 "
              "2023-10-01=27938.831@2024-01-25 2023-10-01=27944.627@2024-02-28 "
              "2024-01-01=28284.498@2024-02-28 missing 1");
    EXPECT_EQ(told(read("alfred_vintages.csv", cpi)), "#/1 wrong-series");
    EXPECT_EQ(told(read("manual.csv", cpi)), "#/1 unknown-column");
}

TEST(BenchmarkFiles, CensusRowsAreChosenByTheirColumns) {
    const auto sales = series(Provider::census, "MARTS", Frequency::month);
    EXPECT_EQ(told(read("census_marts.json", sales,
                        {{"value", "cell_value"}, {"where", "category_code:722"}})),
              "census-json: 2024-01-01=93125@2024-06-01 2024-02-01=94577@2024-06-01 missing 1, "
              "6 value, 7 period, 8 columns");
    EXPECT_EQ(told(read("census_marts.json", sales)), "#/value unknown-column");
    EXPECT_EQ(told(read("census_acs.json", series(Provider::census, "B19013_001E", Frequency::year),
                        {{"period", "2023"}})),
              "census-json: 2023-01-01=95521@2024-06-01 missing 1");
    EXPECT_EQ(
        told(read("census_acs.json", series(Provider::census, "B19013_001E", Frequency::year))),
        "#/time unknown-column")
        << "a data set without a time needs the parameter period";
    EXPECT_EQ(told(read("fred_observations.json", sales)), "# type");
}

TEST(BenchmarkFiles, IbisworldDataOfOneMetric) {
    const auto revenue = series(Provider::ibisworld, "72221b", Frequency::year);
    EXPECT_EQ(told(read("ibisworld_industry.json", revenue, {{"metric", "Revenue"}})),
              "ibisworld-json: 2022-01-01=58.4@2024-03-05 2023-01-01=61.75@2024-03-05 "
              "2029-01-01=70.1@2024-03-05 missing 1, 6 period");
    EXPECT_EQ(told(read("fred_observations.json",
                        series(Provider::bls, "CUUR0000SA0", Frequency::month))),
              "#/Results/series required");
}

TEST(BenchmarkFiles, BlsMonthsWithoutTheYearsAverage) {
    EXPECT_EQ(
        told(read("bls_timeseries.json", series(Provider::bls, "CUUR0000SA0", Frequency::month))),
        "bls-json: 2024-02-01=310.326@2024-06-01 2024-01-01=308.417@2024-06-01 missing 1");
    EXPECT_EQ(
        told(read("bls_timeseries.json", series(Provider::bls, "CUSR0000SA0", Frequency::month))),
        "#/Results/series wrong-series");
}

TEST(BenchmarkFiles, ThePlainFormWithPercentiles) {
    const auto labour = series(Provider::manual, "labour", Frequency::year);
    EXPECT_EQ(told(read("manual.csv", labour)),
              "manual-csv: 2023-01-01=31.2@2024-02-01/p10=22/p25=27.5/p50=31/p75=35/p90=41 "
              "2022-01-01=30.9@2024-06-01/p25=28/p50=30.5/p75=34 "
              "2021-01-01=30.1@2024-02-01/p10=40/p25=27/p50=31/p75=35/p90=41 "
              "missing 0, 3 period, 6 value, 7 vintage");
    EXPECT_EQ(told(read("manual.json", labour)),
              "manual-json: 2023-01-01=31.2@2024-06-01/p25=27.5/p50=31/p75=35 "
              "2022-01-01=30.9@2023-03-01 missing 1, 3 unknown-member");
}

TEST(BenchmarkFiles, AreBounded) {
    std::string rows = "period,value\n";
    for (int i = 0; i < 10'001; ++i) rows += "2023,1\n";
    const auto file = commands::observations_from_csv(
        rows, series(Provider::manual, "x", Frequency::year), {.vintage = today});
    ASSERT_TRUE(file);
    EXPECT_TRUE(file->too_many);
    EXPECT_EQ(file->rows.size(), rows_max);
    EXPECT_FALSE(commands::file_options_from({{"where", "no colon"}}, today));
    EXPECT_FALSE(commands::file_options_from({{"vintage", "soon"}}, today));
}

}  // namespace
}  // namespace benchmark_files_test
