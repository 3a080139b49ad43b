package store_test

import (
	"context"
	"database/sql/driver"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

// A leavingConnector has its caller leave while a commit is under way.
type leavingConnector struct {
	driver.Connector
	leave func()
}

func (c leavingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return leavingConn{inner.(*stdlib.Conn), c.leave}, nil
}

type leavingConn struct {
	*stdlib.Conn
	leave func()
}

func (c leavingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.BeginTx(ctx, o)
	return leavingTx{tx, c.leave}, err
}

type leavingTx struct {
	driver.Tx
	leave func()
}

func (tx leavingTx) Commit() error {
	tx.leave()
	return tx.Tx.Commit()
}

// A client who hangs up when the commit has begun does not end it: what it
// changed stands, so its hooks run.
func TestCommitOutlivesItsCaller(t *testing.T) {
	ctx, leave := context.WithCancel(context.Background())
	left := false
	st := storetest.Open(t, storetest.Postgres(t), store.Config{
		WrapConnector: func(c driver.Connector) driver.Connector {
			return leavingConnector{c, func() {
				if left {
					leave()
				}
			}}
		},
	})
	u := storetest.User(t, st, "a@example.com", pairly.RoleFan)
	left = true
	hooks := 0
	err := st.InTx(ctx, func(ctx context.Context) error {
		pairly.AfterCommit(ctx, func() { hooks++ })
		return st.SetRole(ctx, u.ID, pairly.RoleCreator, storetest.T0)
	})
	if err != nil || hooks != 1 {
		t.Errorf("InTx = %v with %d hooks, want nil and 1", err, hooks)
	}
	if got, err := st.User(context.Background(), u.ID); err != nil || got.Role != pairly.RoleCreator {
		t.Errorf("role: got %v, %v, want creator", got, err)
	}
}

// Before the commit a transaction ends with its caller.
func TestTransactionOfSomebodyWhoLeft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		st := storetest.Open(t, url, store.Config{})
		u := storetest.User(t, st, "a@example.com", pairly.RoleFan)
		ctx, leave := context.WithCancel(context.Background())
		err := st.InTx(ctx, func(ctx context.Context) error {
			pairly.AfterCommit(ctx, func() { t.Error("the hook ran") })
			if err := st.SetRole(ctx, u.ID, pairly.RoleCreator, storetest.T0); err != nil {
				return err
			}
			leave()
			return nil
		})
		if err == nil {
			t.Error("the transaction committed")
		}
		if got, err := st.User(context.Background(), u.ID); err != nil || got.Role != pairly.RoleFan {
			t.Errorf("role: got %v, %v, want fan", got, err)
		}
	})
}
