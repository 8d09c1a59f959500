#include "events/sha256.hpp"

#include "domain/base/check.hpp"

#include <memory>
#include <openssl/evp.h>

namespace events {
namespace {

template <auto free>
struct Freed {
    void operator()(auto* thing) const { free(thing); }
};

using Algorithm = std::unique_ptr<EVP_MD, Freed<EVP_MD_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

void must(bool done) { domain::ensure(done, "OpenSSL cannot hash"); }

template <class Owner>
Owner made(Owner thing) {
    must(thing != nullptr);
    return thing;
}

}  // namespace

Hash sha256(std::initializer_list<std::string_view> parts) {
    // Looked up once: that alone costs more than most of our hashes.
    static const auto algorithm = made(Algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr)});
    thread_local const auto context = made(Context{EVP_MD_CTX_new()});
    must(EVP_DigestInit_ex2(context.get(), algorithm.get(), nullptr) == 1);
    for (const auto part : parts)
        must(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
    Hash hash;
    unsigned size = 0;
    must(EVP_DigestFinal_ex(context.get(), hash.data(), &size) == 1);
    return hash;
}

}  // namespace events
