package store_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

// Two transactions that lock two rows crosswise: the database ends one, which
// runs again. Its hooks of the first run are gone.
func TestDeadlockIsRetried(t *testing.T) {
	st := storetest.Open(t, storetest.Postgres(t), store.Config{})
	ctx := context.Background()
	a, b := storetest.User(t, st, "a@example.com", pairly.RoleFan), storetest.User(t, st, "b@example.com", pairly.RoleFan)
	var barrier, done sync.WaitGroup
	barrier.Add(2)
	var mu sync.Mutex
	runs, hooks := 0, 0
	for _, ids := range [][2]string{{a.ID, b.ID}, {b.ID, a.ID}} {
		done.Go(func() {
			first := true
			err := st.InTx(ctx, func(ctx context.Context) error {
				mu.Lock()
				runs++
				mu.Unlock()
				pairly.AfterCommit(ctx, func() { mu.Lock(); hooks++; mu.Unlock() })
				if err := st.SetRole(ctx, ids[0], pairly.RoleCreator, storetest.T0); err != nil {
					return err
				}
				if first {
					first = false
					barrier.Done()
					barrier.Wait() // both hold one row now
				}
				return st.SetRole(ctx, ids[1], pairly.RoleCreator, storetest.T0)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if runs < 3 || hooks != 2 {
		t.Errorf("got %d runs and %d hooks, want a run more than two, and two hooks", runs, hooks)
	}
}

func TestPanicRollsBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		st := storetest.Open(t, url, store.Config{})
		u := storetest.User(t, st, "a@example.com", pairly.RoleFan)
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic did not get out")
				}
			}()
			st.InTx(context.Background(), func(ctx context.Context) error {
				if err := st.SetRole(ctx, u.ID, pairly.RoleCreator, storetest.T0); err != nil {
					return err
				}
				panic("no")
			})
		}()
		// The next writer gets its turn, and the change is gone.
		if _, err := st.CountFailure(context.Background(), "ip", "x", pairly.FailureLimit{Limit: 3}, storetest.T0); err != nil {
			t.Error(err)
		}
		if got, err := st.User(context.Background(), u.ID); err != nil || got.Role != pairly.RoleFan {
			t.Errorf("role after the panic: got %v, %v, want fan", got, err)
		}
	})
}

// Whoever waits for the writer leaves with his context.
func TestWaitForWriterEnds(t *testing.T) {
	st := storetest.Open(t, storetest.SQLite(t), store.Config{})
	err := st.InTx(context.Background(), func(context.Context) error {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := st.InTx(ctx, func(context.Context) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("second transaction: got %v, want context.Canceled", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Readers do not wait for a writer.
func TestReadWhileWriting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		st := storetest.Open(t, url, store.Config{})
		u := storetest.User(t, st, "a@example.com", pairly.RoleFan)
		outer := context.Background()
		err := st.InTx(outer, func(ctx context.Context) error {
			if err := st.SetRole(ctx, u.ID, pairly.RoleCreator, storetest.T0); err != nil {
				return err
			}
			inside, err := st.User(ctx, u.ID)
			if err != nil {
				return err
			}
			outside, err := st.User(outer, u.ID)
			if err != nil {
				return err
			}
			if inside.Role != pairly.RoleCreator || outside.Role != pairly.RoleFan {
				t.Errorf("role: got %s inside, %s outside, want creator, fan", inside.Role, outside.Role)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestPoolReport(t *testing.T) {
	var reports, waits atomic.Int64
	st := storetest.Open(t, "sqlite://:memory:", store.Config{
		PoolReportEvery: time.Millisecond,
		PoolReport: func(last, now sql.DBStats) {
			reports.Add(1)
			waits.Add(now.WaitCount - last.WaitCount)
		},
	})
	wait := func(seen *atomic.Int64, name string) {
		deadline := time.Now().Add(10 * time.Second)
		for seen.Load() == 0 {
			if time.Now().After(deadline) {
				t.Errorf("no %s", name)
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
	wait(&reports, "report")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err := st.InTx(context.Background(), func(context.Context) error {
		var reader sync.WaitGroup
		reader.Go(func() { st.Ping(ctx) }) // waits: the one connection is taken
		wait(&waits, "report of somebody who waits")
		cancel()
		reader.Wait()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
