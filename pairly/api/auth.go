package api

import (
	"net/http"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/auth"
)

// tokenAnswer is what a client gets at signup, login and refresh.
type tokenAnswer struct {
	AccessToken  string     `json:"access_token"`
	RefreshToken string     `json:"refresh_token"`
	SessionID    string     `json:"session_id"`
	TokenType    string     `json:"token_type"`
	User         userAnswer `json:"user"`
}

type userAnswer struct {
	ID             string      `json:"id"`
	Email          string      `json:"email"`
	Name           string      `json:"name"`
	Role           pairly.Role `json:"role"`
	CreditsBalance int64       `json:"credits_balance"`
}

func userOf(u *pairly.User) userAnswer {
	return userAnswer{ID: u.ID, Email: u.Email, Name: u.Name, Role: u.Role, CreditsBalance: u.CreditsBalance}
}

func respondTokens(w http.ResponseWriter, p *pairly.TokenPair) {
	respond(w, http.StatusOK, tokenAnswer{
		AccessToken: p.AccessToken, RefreshToken: p.RefreshToken, SessionID: p.Session.ID,
		TokenType: "bearer", User: userOf(p.User),
	})
}

// The bounds of a password, in bytes: what the hashes of both the present and
// the predecessor's accounts take in full.
const minPassword, maxPassword = 10, 72

func (s *server) signUp(w http.ResponseWriter, r *http.Request) error {
	f, err := readBody(r)
	if err != nil {
		return err
	}
	in := auth.SignUpInput{
		Email:    f.email("email"),
		Password: f.text("password", textRule{Min: 1, MinBytes: minPassword, MaxBytes: maxPassword, Keep: true}),
		Name:     f.text("name", textRule{Min: 1, Max: 100}),
		Role:     pairly.Role(f.text("role", textRule{Min: 1, Max: 20})),
	}
	if err := f.err(); err != nil {
		return err
	}
	pair, err := s.Auth.SignUp(r.Context(), in)
	if err != nil {
		return err
	}
	respondTokens(w, pair)
	return nil
}

func (s *server) login(w http.ResponseWriter, r *http.Request) error {
	f, err := readBody(r)
	if err != nil {
		return err
	}
	in := auth.LoginInput{
		Email: f.email("email"),
		// Only signup bounds the length from below: here a short password is
		// just a wrong one.
		Password:   f.text("password", textRule{Min: 1, Max: 1024, Keep: true}),
		DeviceInfo: f.text("device_info", textRule{Max: 200, Optional: true}),
	}
	if err := f.err(); err != nil {
		return err
	}
	res, err := s.Auth.Login(r.Context(), in)
	if err != nil {
		return err
	}
	if c := res.Challenge; c != nil {
		respond(w, http.StatusOK, map[string]any{
			"requires_2fa": true, "method": c.Method, "temp_token": c.TempToken, "message": c.Message,
		})
		return nil
	}
	respondTokens(w, res.Pair)
	return nil
}

func (s *server) refresh(w http.ResponseWriter, r *http.Request) error {
	f, err := readBody(r)
	if err != nil {
		return err
	}
	token := f.text("refresh_token", textRule{Min: 1, Max: 4096})
	if err := f.err(); err != nil {
		return err
	}
	pair, err := s.Auth.Refresh(r.Context(), token)
	if err != nil {
		return err
	}
	respondTokens(w, pair)
	return nil
}

// logout ends a session.
func (s *server) logout(w http.ResponseWriter, r *http.Request) error {
	f, err := readBody(r)
	if err != nil {
		return err
	}
	session := f.uuid("session_id", true)
	if err := f.err(); err != nil {
		return err
	}
	if err := s.Auth.Logout(r.Context(), principalOf(r.Context()).claims, session); err != nil {
		return err
	}
	respond(w, http.StatusOK, map[string]string{"status": "logged_out"})
	return nil
}

func (s *server) sessions(w http.ResponseWriter, r *http.Request) error {
	type sessionAnswer struct {
		SessionID    string `json:"session_id"`
		DeviceInfo   string `json:"device_info"`
		IP           string `json:"ip"`
		CreatedAt    stamp  `json:"created_at"`
		LastActiveAt stamp  `json:"last_active_at"`
		Current      bool   `json:"current"`
	}
	p := principalOf(r.Context())
	list, err := s.Auth.Sessions(r.Context(), p.user.ID)
	if err != nil {
		return err
	}
	out := make([]sessionAnswer, 0, len(list))
	for _, se := range list {
		out = append(out, sessionAnswer{
			SessionID: se.ID, DeviceInfo: se.DeviceInfo, IP: se.IP, CreatedAt: stamp(se.CreatedAt),
			LastActiveAt: stamp(se.LastActiveAt), Current: se.ID == p.claims.SessionID,
		})
	}
	respond(w, http.StatusOK, out)
	return nil
}

func (s *server) me(w http.ResponseWriter, r *http.Request) error {
	u, err := s.Auth.Me(r.Context(), principalOf(r.Context()).user.ID)
	if err != nil {
		return err
	}
	var method *string
	if u.TwoFAMethod != "" {
		method = &u.TwoFAMethod
	}
	respond(w, http.StatusOK, struct {
		userAnswer
		IsSuspended  bool    `json:"is_suspended"`
		TwoFAEnabled bool    `json:"twofa_enabled"`
		TwoFAMethod  *string `json:"twofa_method"`
	}{userOf(u), u.IsSuspended, u.TwoFAEnabled, method})
	return nil
}
