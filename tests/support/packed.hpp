#pragma once
#include <string>
#include <zlib.h>
#include <zstd.h>

/// Compressed bodies as clients make them.
namespace support {

inline std::string gzipped(const std::string& text) {
    constexpr int gzip_format = 16 + MAX_WBITS;
    z_stream state{};
    deflateInit2(&state, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_format, 9, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&state, text.size()) + 64, '\0');
    auto source = text;
    state.next_in = reinterpret_cast<Bytef*>(source.data());
    state.avail_in = static_cast<uInt>(source.size());
    state.next_out = reinterpret_cast<Bytef*>(out.data());
    state.avail_out = static_cast<uInt>(out.size());
    deflate(&state, Z_FINISH);
    out.resize(state.total_out);
    deflateEnd(&state);
    return out;
}

inline std::string zstandard(const std::string& text) {
    auto* state = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(state, ZSTD_c_checksumFlag, 1);
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress2(state, out.data(), out.size(), text.data(), text.size()));
    ZSTD_freeCCtx(state);
    return out;
}

}  // namespace support
