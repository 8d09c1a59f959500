#pragma once
#include "domain/base/decimal.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"

#include <bit>
#include <optional>
#include <pqxx/params>
#include <pqxx/util>
#include <string>

/// Columns of a bulk statement: PostgreSQL arrays in binary form, built in place, so that neither
/// side prints or parses text. Layouts: array_recv, numeric_recv, jsonb_recv, timestamptz_recv and
/// their kin in PostgreSQL's src/backend/utils/adt.
namespace projections {

/// The text of a `json` or `jsonb` element.
struct Json {
    std::string_view text;
};
struct Jsonb {
    std::string_view text;
};
/// A `bytea` element.
struct Bytea {
    std::string_view bytes;
};

namespace wire {

template <class Integer>
void put(std::string& out, Integer value) {
    auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
    if constexpr (sizeof bits > 1) bits = std::byteswap(bits);
    out.append(reinterpret_cast<const char*>(&bits), sizeof bits);
}

/// units / 10^scale as sign, weight and groups of four decimal digits.
void put_numeric(std::string& out, domain::Wide units, int scale);

template <class T>
struct Element;

template <class Integer, std::uint32_t type>
struct Whole {
    static constexpr std::uint32_t oid = type;
    static void put(std::string& out, Integer value) { wire::put(out, value); }
};
template <>
struct Element<std::int16_t> : Whole<std::int16_t, 21> {};
template <>
struct Element<std::int32_t> : Whole<std::int32_t, 23> {};
template <>
struct Element<std::int64_t> : Whole<std::int64_t, 20> {};

template <>
struct Element<bool> {
    static constexpr std::uint32_t oid = 16;
    static void put(std::string& out, bool value) { out += value ? '\1' : '\0'; }
};
template <>
struct Element<double> {
    static constexpr std::uint32_t oid = 701;
    static void put(std::string& out, double value) {
        wire::put(out, std::bit_cast<std::int64_t>(value));
    }
};
template <>
struct Element<domain::Uuid> {
    static constexpr std::uint32_t oid = 2950;
    static void put(std::string& out, const domain::Uuid& id) {
        out.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
    }
};
template <>
struct Element<std::string_view> {
    static constexpr std::uint32_t oid = 25;
    static void put(std::string& out, std::string_view text) { out += text; }
};
template <>
struct Element<Bytea> {
    static constexpr std::uint32_t oid = 17;
    static void put(std::string& out, Bytea value) { out += value.bytes; }
};
template <>
struct Element<Json> {
    static constexpr std::uint32_t oid = 114;
    static void put(std::string& out, Json value) { out += value.text; }
};
template <>
struct Element<Jsonb> {
    static constexpr std::uint32_t oid = 3802;
    static void put(std::string& out, Jsonb value) { (out += '\1') += value.text; }
};
template <>
struct Element<domain::Date> {
    static constexpr std::uint32_t oid = 1082;
    static constexpr std::int32_t days_to_2000 = 10957;
    static void put(std::string& out, domain::Date date) {
        wire::put(out, date.days - days_to_2000);
    }
};
template <>
struct Element<domain::Instant> {
    static constexpr std::uint32_t oid = 1184;
    static constexpr std::int64_t micros_to_2000 = 946'684'800'000'000;
    static void put(std::string& out, domain::Instant instant) {
        wire::put(out, instant.micros - micros_to_2000);
    }
};
template <>
struct Element<domain::Decimal> {
    static constexpr std::uint32_t oid = 1700;
    static void put(std::string& out, const domain::Decimal& value) {
        put_numeric(out, value.units(), value.scale());
    }
};
template <>
struct Element<domain::DecimalSum> {
    static constexpr std::uint32_t oid = 1700;
    static void put(std::string& out, const domain::DecimalSum& sum) {
        put_numeric(out, sum.units(), sum.scale());
    }
};

}  // namespace wire

/// One column; rows in the order of push_back.
template <class T>
class Column {
public:
    Column() {
        wire::put(bytes_, std::int32_t{1});  // dimensions
        wire::put(bytes_, std::int32_t{0});  // whether there are NULLs
        wire::put(bytes_, wire::Element<T>::oid);
        wire::put(bytes_, std::int32_t{0});  // rows
        wire::put(bytes_, std::int32_t{1});  // the first subscript
    }

    void push_back(const T& value) {
        const auto at = bytes_.size();
        wire::put(bytes_, std::int32_t{0});
        wire::Element<T>::put(bytes_, value);
        set(at, static_cast<std::int32_t>(bytes_.size() - at - sizeof(std::int32_t)));
        set(rows_at, ++rows_);
    }
    template <class Maybe>
    void push_back(const Maybe& value)
        requires std::same_as<Maybe, std::optional<T>>
    {
        if (value) return push_back(*value);
        set(nulls_at, 1);
        wire::put(bytes_, std::int32_t{-1});
        set(rows_at, ++rows_);
    }
    template <class Tag>
    void push_back(const domain::Id<Tag>& id)
        requires std::same_as<T, domain::Uuid>
    {
        push_back(id.value);
    }

    std::int32_t size() const { return rows_; }

    /// What a statement binds; valid until the next push_back.
    pqxx::bytes_view bound() const {
        return {reinterpret_cast<const std::byte*>(bytes_.data()), bytes_.size()};
    }

private:
    static constexpr std::size_t nulls_at = 4, rows_at = 12;

    void set(std::size_t at, std::int32_t value) {
        const auto swapped = std::byteswap(value);
        bytes_.replace(at, sizeof swapped, reinterpret_cast<const char*>(&swapped), sizeof swapped);
    }

    std::string bytes_;
    std::int32_t rows_ = 0;
};

using Uuids = Column<domain::Uuid>;
using Texts = Column<std::string_view>;
using Ints = Column<std::int32_t>;
using SmallInts = Column<std::int16_t>;
using BigInts = Column<std::int64_t>;
using Doubles = Column<double>;
using Bools = Column<bool>;
using Dates = Column<domain::Date>;
using Instants = Column<domain::Instant>;
using Decimals = Column<domain::Decimal>;
using Jsons = Column<Json>;
using Jsonbs = Column<Jsonb>;
using Byteas = Column<Bytea>;

template <class... T>
pqxx::params as_params(const Column<T>&... columns) {
    return pqxx::params{columns.bound()...};
}

/// An empty text stands for NULL.
inline std::optional<std::string_view> unless_empty(std::string_view text) {
    if (text.empty()) return std::nullopt;
    return text;
}

/// What identifies a row: its tenant and its own id.
struct RowKey {
    domain::TenantId tenant;
    domain::Uuid id;
    auto operator<=>(const RowKey&) const = default;
};

}  // namespace projections
