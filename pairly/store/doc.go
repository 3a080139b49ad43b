// Package store keeps Pairly's state in SQLite or PostgreSQL, through
// database/sql.
//
//	st, err := store.Open(ctx, "sqlite://pairly.db", store.Config{Log: poolLog, MigrationLog: migrationLog})
//	...
//	err = st.InTx(ctx, func(ctx context.Context) error {
//		if err := st.InsertUser(ctx, u); err != nil {
//			return err
//		}
//		return st.InsertSession(ctx, se)
//	})
//
// Statements are written once, with ? placeholders, in the SQL that both
// databases speak; where they differ (row locks, column types) the dialect
// says so. A method uses the transaction that its context carries, and runs
// on its own where there is none.
//
// Rules for writers of methods:
//   - Times are stored as milliseconds since the epoch: see millis and fromMillis.
//   - Inside a transaction a failing statement ends the transaction on
//     PostgreSQL, so an expected conflict is ON CONFLICT DO NOTHING and a look
//     at the affected rows, never a caught unique violation.
//   - Rows of several users are locked in the order of their ids.
//   - Close rows before the next statement: inside a transaction there is one
//     connection.
//
// The package never logs arguments, and logs statements only through the
// driver wrapper that [Config.WrapConnector] puts in.
package store
