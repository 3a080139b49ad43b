package store

// Number rewrites placeholders as for PostgreSQL.
var Number = number

// CountStatements counts the statements of a migration.
var CountStatements = countStatements

// ClassifySQLite is what statements on SQLite do with errors.
func ClassifySQLite(err error) error { return sqliteDialect.classify(err) }

// ClassifyPostgres is what statements on PostgreSQL do with errors.
func ClassifyPostgres(err error) error { return postgresDialect.classify(err) }

// Migrations holds the files of the migrations.
var Migrations = migrations
