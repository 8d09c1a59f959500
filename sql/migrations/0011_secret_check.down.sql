drop table keys.secret_check;
