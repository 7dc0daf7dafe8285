package infrastructure

import (
	"errors"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// A polling agent is found by its subscription and known by its thumbprint. Whoever could register the same subscription with
// another thumbprint would get the calls that are meant for the first, so a subscription is bound to one thumbprint, over all
// spaces, as long as any machine or worker has it. The row of polling_subscription is what registrations lock.

// Channel is notified when a machine or worker was written or deleted: whom the server trusts may have changed.
const Channel = "mantle_machine"

// Written does what goes with a written machine or worker: the row of its health, and the binding of its subscription. old is
// the endpoint before, nil for a new machine.
func Written(tx *store.Tx, id string, e Endpoint, old *Endpoint) error {
	tx.Notify(Channel, id)
	if old == nil {
		if err := writeHealth(tx, id, neverChecked(tx.Now)); err != nil {
			return err
		}
	}
	if old != nil && old.Subscription() != e.Subscription() {
		if err := release(tx, old.Subscription(), id); err != nil {
			return err
		}
	}
	if e.Subscription() == "" {
		return nil
	}
	_, thumbprint, _, _ := e.Agent()
	return bind(tx, e.Subscription(), thumbprint, id)
}

// Deleting removes what belongs to a machine or worker that is about to be deleted.
func Deleting(tx *store.Tx, id string, e Endpoint) error {
	tx.Notify(Channel, id)
	if _, err := tx.Exec("DELETE FROM machine_health WHERE machine_id = $1", id); err != nil {
		return err
	}
	return release(tx, e.Subscription(), id)
}

func bind(tx *store.Tx, subscription, thumbprint, id string) error {
	// The update of an existing row changes nothing, but holds it until the transaction ends.
	_, err := tx.Exec(`INSERT INTO polling_subscription (uri, thumbprint) VALUES ($1, $2)
		ON CONFLICT (uri) DO UPDATE SET uri = excluded.uri`, subscription, thumbprint)
	if err != nil {
		return err
	}
	var bound string
	if err := tx.QueryRow("SELECT thumbprint FROM polling_subscription WHERE uri = $1", subscription).Scan(&bound); err != nil {
		return err
	}
	if bound == thumbprint {
		return nil
	}
	others, err := owners(tx, subscription, id)
	if err != nil {
		return err
	}
	if others > 0 {
		return fault.Invalid("the subscription %s belongs to an agent with the thumbprint %s, not %s; register the agent with a subscription of its own, "+
			"or delete the other machines with this subscription first", subscription, bound, thumbprint)
	}
	_, err = tx.Exec("UPDATE polling_subscription SET thumbprint = $2 WHERE uri = $1", subscription, thumbprint)
	return err
}

// release unbinds a subscription that no other machine than the one with the ID has.
func release(tx *store.Tx, subscription, id string) error {
	if subscription == "" {
		return nil
	}
	others, err := owners(tx, subscription, id)
	if err != nil || others > 0 {
		return err
	}
	_, err = tx.Exec("DELETE FROM polling_subscription WHERE uri = $1", subscription)
	return err
}

func owners(tx *store.Tx, subscription, except string) (int, error) {
	var machines, workers int
	if err := tx.QueryRow("SELECT COUNT(*) FROM machine WHERE subscription = $1 AND id <> $2", subscription, except).Scan(&machines); err != nil {
		return 0, err
	}
	err := tx.QueryRow("SELECT COUNT(*) FROM worker WHERE subscription = $1 AND id <> $2", subscription, except).Scan(&workers)
	return machines + workers, err
}

// ThumbprintOf returns the thumbprint that an agent with the subscription must have; ok is false where no machine has it.
func ThumbprintOf(tx *store.Tx, subscription string) (thumbprint string, ok bool, err error) {
	err = tx.QueryRow("SELECT thumbprint FROM machine WHERE subscription = $1 UNION SELECT thumbprint FROM worker WHERE subscription = $1 LIMIT 1",
		NormalSubscription(subscription)).Scan(&thumbprint)
	if errors.Is(err, store.ErrNoRow) {
		return "", false, nil
	}
	return NormalThumbprint(thumbprint), err == nil, err
}

// Bindings returns the thumbprint that each subscription is bound to.
func Bindings(tx *store.Tx) (map[string]string, error) {
	bound := map[string]string{}
	err := tx.Query("SELECT uri, thumbprint FROM polling_subscription", nil, func(row *store.Row) error {
		var uri, thumbprint string
		err := row.Scan(&uri, &thumbprint)
		bound[uri] = NormalThumbprint(thumbprint)
		return err
	})
	return bound, err
}

// thumbprintLength is that of a whole thumbprint, a SHA-1 in hexadecimal digits.
const thumbprintLength = 40

// Thumbprints returns those of every agent that is registered in any space: whom the server talks to at all. A text that is too
// short or too long to be any agent's is left out: one wrong entry must not keep the others from being trusted.
func Thumbprints(tx *store.Tx) ([]string, error) {
	list := []string{}
	err := tx.Query("SELECT thumbprint FROM machine WHERE thumbprint <> '' UNION SELECT thumbprint FROM worker WHERE thumbprint <> '' ORDER BY 1", nil, func(row *store.Row) error {
		var t string
		err := row.Scan(&t)
		if len(t) == thumbprintLength {
			list = append(list, NormalThumbprint(t))
		}
		return err
	})
	return list, err
}
