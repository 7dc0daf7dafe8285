package admin

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// AccountChange says what is done to a user's account.
type AccountChange struct {
	Username string
	// Administrator makes the user where there is none, active, and a member of the administrators.
	Administrator bool
	// ResetPassword sets a random password; otherwise Password is set, if it is not empty. "-" is read from the input.
	ResetPassword bool
	Password      string
	NewAPIKey     bool
	Email         string
}

// ChangeAccount changes an account, signs its user out where the password is another one, and shows what is new, once.
func (t Tool) ChangeAccount(ctx context.Context, c AccountChange) error {
	if !c.Administrator && !c.ResetPassword && c.Password == "" && !c.NewAPIKey && c.Email == "" {
		return fault.Invalid("nothing is to be changed for %s; give --reset-password, --password, --new-api-key, --email or --administrator", c.Username)
	}
	if c.ResetPassword && c.Password != "" {
		return fault.Invalid("--reset-password sets a random password, and --password a given one; give one of them")
	}
	password, err := t.newPassword(c)
	if err != nil {
		return err
	}
	return t.withDatabase(ctx, func(db *store.DB) error {
		var done *change
		err := db.Write(ctx, func(tx *store.Tx) error {
			done = &change{AccountChange: c, password: password, passwordIsNew: c.ResetPassword}
			return done.carryOut(tx)
		})
		if err != nil {
			return err
		}
		return t.say("%s", done.String())
	})
}

// newPassword returns the password to set, or an empty one.
func (t Tool) newPassword(c AccountChange) (secret.Text, error) {
	switch {
	case c.ResetPassword:
		return secret.NewToken(), nil
	case c.Password != "-":
		return secret.NewText(c.Password), nil
	}
	line, err := bufio.NewReader(t.In).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return secret.Text{}, fmt.Errorf("read the password: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return secret.Text{}, fault.Invalid("--password=- reads the password from the input, and there is none")
	}
	return secret.NewText(line), nil
}

// change is one AccountChange being carried out.
type change struct {
	AccountChange
	password      secret.Text
	passwordIsNew bool

	user *access.User
	key  secret.Text
	did  []string
}

func (c *change) carryOut(tx *store.Tx) error {
	if err := c.findUser(tx); err != nil {
		return err
	}
	steps := []func(*store.Tx) error{c.setEmail, c.promote, c.setPassword, c.makeKey}
	for _, step := range steps {
		if err := step(tx); err != nil {
			return err
		}
	}
	_, err := audit.Record(tx, audit.Entry{
		Category: audit.Modified, DocumentID: c.user.ID, DocumentType: "Users", Actor: audit.Actor{EstablishedWith: "Command line"},
		Message: fmt.Sprintf("User %s was changed with the command mantle admin: %s", c.user.Username, strings.Join(c.did, ", ")), Subjects: []audit.Subject{{ID: c.user.ID, Name: c.user.Username}},
	})
	return err
}

func (c *change) findUser(tx *store.Tx) (err error) {
	c.user, err = access.Users().First(tx, store.Query{Where: []store.Cond{store.Eq("username_fold", store.Fold(c.Username))}})
	if err != nil || c.user != nil {
		return err
	}
	if !c.Administrator {
		return fault.NotFound("the user %q does not exist; administrators are: %s. To make a new one, add --administrator", c.Username, administrators(tx))
	}
	if c.password.Empty() {
		c.password, c.passwordIsNew = secret.NewToken(), true
	}
	c.user = &access.User{Username: c.Username, DisplayName: c.Username, EmailAddress: c.Email, IsActive: true}
	c.did = append(c.did, "created")
	return access.CreateUser(tx, c.user, secret.Text{})
}

// administrators lists the members of the team by name, as well as it can.
func administrators(tx *store.Tx) string {
	names := []string{}
	team, err := access.Teams().Get(tx, access.AdministratorsTeam)
	if err != nil {
		return "(unknown)"
	}
	for _, id := range team.MemberUserIDs {
		if u, err := access.Users().Get(tx, id); err == nil {
			names = append(names, u.Username)
		}
	}
	return strings.Join(names, ", ")
}

func (c *change) setEmail(tx *store.Tx) error {
	if c.Email == "" || c.user.EmailAddress == c.Email {
		return nil
	}
	c.did = append(c.did, "e-mail address")
	return c.modify(tx, func(u *access.User) { u.EmailAddress = c.Email })
}

func (c *change) modify(tx *store.Tx, f func(*access.User)) (err error) {
	c.user, err = access.Users().Modify(tx, c.user.ID, func(u *access.User) error {
		f(u)
		return nil
	})
	return err
}

// promote makes the user active and an administrator.
func (c *change) promote(tx *store.Tx) error {
	if !c.Administrator {
		return nil
	}
	if !c.user.IsActive {
		c.did = append(c.did, "activated")
		if err := c.modify(tx, func(u *access.User) { u.IsActive = true }); err != nil {
			return err
		}
	}
	_, err := access.Teams().Modify(tx, access.AdministratorsTeam, func(team *access.Team) error {
		if !slices.Contains(team.MemberUserIDs, c.user.ID) {
			team.MemberUserIDs = append(team.MemberUserIDs, c.user.ID)
			c.did = append(c.did, "made an administrator")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return access.Touch(tx, c.user.ID)
}

// setPassword also ends the sessions that the old password began, and a lock after failed sign-ins.
func (c *change) setPassword(tx *store.Tx) error {
	if c.password.Empty() {
		return nil
	}
	if c.user.IsService {
		return fault.Invalid("%s is a service account, which has no password; give it a key with --new-api-key", c.user.Username)
	}
	if finding := access.CheckPassword(c.user, c.password); finding != "" {
		return fault.Invalid("%s", finding)
	}
	c.did = append(c.did, "password")
	if err := access.SetPassword(tx, c.user.ID, access.HashPassword(c.password)); err != nil {
		return err
	}
	if err := access.Unlock(tx, c.user.Username); err != nil {
		return err
	}
	return access.DeleteSessions(tx, c.user.ID, "")
}

func (c *change) makeKey(tx *store.Tx) (err error) {
	if !c.NewAPIKey {
		return nil
	}
	c.did = append(c.did, "new API key")
	_, c.key, err = access.CreateKey(tx, c.user.ID, "Made by mantle admin", nil, secret.Text{})
	return err
}

// String is what the operator sees.
func (c *change) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "User      %s (%s)\n", c.user.Username, c.user.ID)
	switch {
	case c.passwordIsNew:
		fmt.Fprintf(&b, "Password  %s   (shown once)\n", c.password.Reveal())
	case !c.password.Empty():
		fmt.Fprintln(&b, "Password  as given")
	}
	if !c.key.Empty() {
		fmt.Fprintf(&b, "API key   %s   (shown once; older keys stay valid)\n", c.key.Reveal())
	}
	if len(c.did) == 0 {
		c.did = []string{"nothing, it was so already"}
	}
	fmt.Fprintf(&b, "Changed   %s", strings.Join(c.did, ", "))
	if !c.user.IsActive {
		fmt.Fprint(&b, "\nThe user is not active and cannot sign in; add --administrator, or activate the account through the API.")
	}
	return b.String()
}
