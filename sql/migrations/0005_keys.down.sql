drop table keys.data_key;
