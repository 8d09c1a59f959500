#include "src/runtime/privileges.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace runtime {
namespace {

namespace fs = std::filesystem;

const passwd* unprivileged_user() {
    const auto* user = ::getpwnam("cairn");
    return user != nullptr ? user : ::getpwnam("nobody");
}

bool hand_over(const fs::path& directory, const passwd& user) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error || ::lchown(directory.c_str(), user.pw_uid, user.pw_gid) != 0) return false;
    for (const auto& entry : fs::recursive_directory_iterator(directory, error)) {
        if (::lchown(entry.path().c_str(), user.pw_uid, user.pw_gid) != 0) return false;
    }
    return !error;
}

}  // namespace

domain::Result<void> give_up_root(std::span<const fs::path> directories) {
    if (::geteuid() != 0) return {};
    const auto* user = unprivileged_user();
    if (user == nullptr) return domain::refuse(privileges_kept, "there is no user cairn or nobody");
    for (const auto& directory : directories) {
        if (!hand_over(directory, *user))
            return domain::refuse(privileges_kept, directory.string() + " cannot be handed over");
    }
    if (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)
        return domain::refuse(privileges_kept, "setuid failed");
    if (::access(directories.empty() ? "/" : directories.front().c_str(), R_OK | X_OK) != 0)
        return domain::refuse(privileges_kept, directories.front().string() +
                                                   " cannot be reached without root's rights");
    return {};
}

}  // namespace runtime
