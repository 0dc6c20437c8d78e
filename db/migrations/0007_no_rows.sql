-- The flows of the tables flows (schema 1) and hot (schemas 2 to 5) are in blocks and pieces by now:
-- the program migrated them (convert.go).
DROP TABLE IF EXISTS flows;
DROP TABLE hot;
