-- How the numbers of a block are laid out: 0, as those of the second schema, in whole bytes;
-- 1, as all that are written from here on, in bits.
ALTER TABLE blocks ADD COLUMN format INTEGER NOT NULL DEFAULT 0;

-- How often blocks were put together: then what a block had is in another one.
ALTER TABLE state ADD COLUMN merges INTEGER NOT NULL DEFAULT 0;
