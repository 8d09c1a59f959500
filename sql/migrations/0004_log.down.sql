drop table log.claim, log.command, log.event, log.stream, log.tenant_lane, log.lane_head,
    log.generation;
