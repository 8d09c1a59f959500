drop schema relay cascade;
