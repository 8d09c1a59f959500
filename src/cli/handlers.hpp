#pragma once
#include "src/cli/command.hpp"

/// The functions behind the commands; each stands in the file of its noun.
namespace cli {

Outcome dev(Context& context);
Outcome serve(Context& context);
Outcome health(Context& context);

Outcome migrate_up(Context& context);
Outcome migrate_down(Context& context);
Outcome migrate_status(Context& context);
Outcome migrate_verify(Context& context);

Outcome tenant_ls(Context& context);
Outcome tenant_show(Context& context);
Outcome tenant_plan(Context& context);
Outcome token_create(Context& context);

Outcome events_tail(Context& context);
Outcome events_search(Context& context);
Outcome events_get(Context& context);

Outcome streams_ls(Context& context);
Outcome streams_show(Context& context);
Outcome streams_state(Context& context);
Outcome streams_diff(Context& context);

Outcome projection_ls(Context& context);
Outcome projection_show(Context& context);
Outcome projection_pause(Context& context);
Outcome projection_resume(Context& context);
Outcome projection_rebuild(Context& context);
Outcome projection_switch(Context& context);
Outcome replay(Context& context);
Outcome schema_check(Context& context);
Outcome dead_letters_ls(Context& context);
Outcome dead_letters_retry(Context& context);

/// Their part of the table, in metrics_commands.cpp.
std::span<const Command> metrics_commands();
Outcome metrics_ls(Context& context);
Outcome metrics_import(Context& context);
Outcome metrics_compact(Context& context);
Outcome metrics_packed(Context& context);
Outcome metrics_retention_ls(Context& context);
Outcome metrics_retention_run(Context& context);

Outcome goals_ls(Context& context);
Outcome goals_show(Context& context);
Outcome goals_diff(Context& context);

/// Their part of the table, in webhooks_commands.cpp.
std::span<const Command> webhooks_commands();
Outcome webhook_ls(Context& context);
Outcome webhook_create(Context& context);
Outcome webhook_set(Context& context);
Outcome webhook_enable(Context& context);
Outcome webhook_disable(Context& context);
Outcome webhook_rotate(Context& context);
Outcome webhook_test(Context& context);
Outcome webhook_deliveries(Context& context);
Outcome webhook_redeliver(Context& context);
Outcome webhook_rm(Context& context);

/// Their part of the table, in audit_commands.cpp.
std::span<const Command> audit_commands();
Outcome audit_checkpoint(Context& context);
Outcome audit_keys(Context& context);
Outcome audit_verify(Context& context);
Outcome audit_verify_log(Context& context);
Outcome audit_proof(Context& context);
Outcome audit_bundle(Context& context);
Outcome audit_witness(Context& context);
Outcome audit_rotate_key(Context& context);
Outcome audit_trail(Context& context);
Outcome audit_trail_verify(Context& context);
Outcome audit_trail_resume(Context& context);
Outcome trace(Context& context);

/// Their part of the table, in relay.cpp.
std::span<const Command> relay_commands();
Outcome relay_status(Context& context);
Outcome relay_reset(Context& context);

Outcome doctor(Context& context);
Outcome status(Context& context);

Outcome config_show(Context& context);
Outcome config_check(Context& context);
Outcome config_explain(Context& context);

Outcome completion(Context& context);
Outcome complete(Context& context);
Outcome help(Context& context);

}  // namespace cli
