drop function cairn.tenant();
