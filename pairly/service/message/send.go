package message

import (
	"context"
	"errors"
	"strings"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/credit"
	"github.com/pairly/pairlog/pairly/service/moderation"
)

// The bounds of a message, in characters.
const (
	MaxContent         = 2000
	MaxClientMessageID = 64
)

// ChatFrame is the type of the frame that carries a message.
const ChatFrame = "chat_message"

// A SendRequest is a chat frame.
type SendRequest struct {
	From            string // the authenticated user of the socket
	To              string // a user id
	Content         string // 1 to 2000 characters after trimming
	ClientMessageID string // 1 to 64 characters; a repetition answers the first result
	ConnectionID    string
	ClientIP        string
	FrameType       string // as received, for the events; "" means ChatFrame

	// Invalid is what the socket found wrong with the frame before it could
	// fill in the rest (malformed JSON, an unknown type), nil when nothing.
	// It is the answer unless the rate or a mute refuses the frame first.
	Invalid *pairly.Error
}

// A SendResult is a sent message. The socket delivers it to the recipient
// when Deliver is true: it is new and not hidden.
type SendResult struct {
	Message    *pairly.Message
	NewBalance int64 // of the sender, in credits
	Replayed   bool  // ClientMessageID was used before; nothing was charged
	Deliver    bool
}

// Send sends a chat message. Errors are *pairly.Error with the codes of the
// error frame: rate_limited (with retry_after; see [Abusive]), muted (with
// muted_until), invalid_payload, recipient_not_found, blocked,
// content_policy_violation, insufficient_credits (with required and
// available), or whatever Invalid says; moderation_unavailable asks to try
// again. Any other error is internal and was not logged. Nothing has changed
// after an error.
func (s *Service) Send(ctx context.Context, r SendRequest) (SendResult, error) {
	if r.FrameType == "" {
		r.FrameType = ChatFrame
	}
	r.Content = strings.TrimSpace(r.Content)
	if err := s.admit(ctx, r); err != nil {
		return SendResult{}, err
	}
	if err := r.validate(); err != nil {
		return SendResult{}, s.rejected(ctx, r, err)
	}
	if old, err := s.c.Store.MessageByClientID(ctx, r.From, r.ClientMessageID); err != nil || old != nil {
		if err != nil {
			return SendResult{}, err
		}
		return s.repeat(ctx, r, old)
	}
	if err := s.checkRecipient(ctx, r); err != nil {
		return SendResult{}, s.rejected(ctx, r, err)
	}
	v, err := s.judge(ctx, r)
	if err != nil {
		return SendResult{}, err
	}
	res, err := s.deliver(ctx, r, v)
	if err != nil {
		return SendResult{}, s.short(ctx, r, err)
	}
	if res.Replayed { // a parallel repetition was faster
		return s.repeat(ctx, r, res.Message)
	}
	return res, nil
}

// admit asks the limiter and the mutes.
func (s *Service) admit(ctx context.Context, r SendRequest) error {
	if v := s.c.Limiter.Allow(ctx, r.From, r.ClientIP); !v.Allowed {
		return s.rateLimited(ctx, r, v)
	}
	until, err := s.c.Mutes.Muted(ctx, r.From)
	if err != nil {
		return err
	}
	if !until.IsZero() {
		return s.muted(ctx, r, until)
	}
	return nil
}

func invalidPayload(message string) *pairly.Error {
	return pairly.Errorf(pairly.EInvalid, "invalid_payload", "%s", message)
}

func (r SendRequest) validate() error {
	if r.Invalid != nil {
		return r.Invalid
	}
	switch {
	case !pairly.ValidID(r.To):
		return invalidPayload("recipient_id must be the id of a user")
	case !pairly.ValidText(r.Content, 1, MaxContent):
		return invalidPayload("content must have 1 to 2000 characters")
	case !pairly.ValidText(r.ClientMessageID, 1, MaxClientMessageID):
		return invalidPayload("client_message_id must have 1 to 64 characters")
	case r.To == r.From:
		return invalidPayload("recipient_id must be somebody else")
	}
	return nil
}

func (s *Service) checkRecipient(ctx context.Context, r SendRequest) error {
	notFound := pairly.Errorf(pairly.ENotFound, "recipient_not_found", "There is no such user.")
	u, err := s.c.Store.User(ctx, r.To)
	if pairly.ErrorKind(err) == pairly.ENotFound {
		return notFound
	}
	if err != nil {
		return err
	}
	if u.IsSuspended {
		return notFound
	}
	blocked, err := s.c.Store.Blocked(ctx, r.From, r.To)
	if err != nil {
		return err
	}
	if blocked {
		return pairly.Errorf(pairly.EForbidden, "blocked", "You and this user cannot exchange messages.")
	}
	return nil
}

// deliver charges the price and inserts the message, or does neither. The
// message goes first: a parallel repetition of it waits there, and finds out
// that it is one, before it has charged anything.
func (s *Service) deliver(ctx context.Context, r SendRequest, v moderation.Verdict) (SendResult, error) {
	var res SendResult
	err := s.c.Store.InTx(ctx, func(ctx context.Context) error {
		price, err := s.price(ctx, r.To)
		if err != nil {
			return err
		}
		now := s.c.Now()
		m := &pairly.Message{
			ID: pairly.NewID(now), FromUserID: r.From, ToUserID: r.To, Content: r.Content,
			CreditsCharged: price, ClientMessageID: r.ClientMessageID,
			ModerationStatus: pairly.ModerationPublished, CreatedAt: now,
		}
		if v.Suspicious() {
			m.ModerationStatus = pairly.ModerationQuarantined
		}
		inserted, err := s.c.Store.InsertMessage(ctx, m)
		if err != nil {
			return err
		}
		if !inserted {
			old, err := s.c.Store.MessageByClientID(ctx, r.From, r.ClientMessageID)
			res = SendResult{Message: old, Replayed: true}
			return err
		}
		s.quarantined(ctx, m, v)
		out, err := s.charge(ctx, r, m)
		if err != nil {
			return err
		}
		res = SendResult{Message: m, Deliver: m.ModerationStatus == pairly.ModerationPublished}
		if out != nil {
			res.NewBalance = out.BalanceAfter
		} else if res.NewBalance, _, err = s.c.Store.CreditsBalance(ctx, r.From); err != nil {
			return err
		}
		s.sent(ctx, r, m)
		return s.record(ctx, m, out)
	})
	return res, err
}

// price is what the recipient's profile asks for a message; without a
// profile it is free.
func (s *Service) price(ctx context.Context, recipientID string) (int64, error) {
	p, err := s.c.Store.ProfileByUserID(ctx, recipientID)
	if err != nil || p == nil {
		return 0, err
	}
	return p.PricePerMessage, nil
}

// charge moves the price of m and returns the sender's row, nil for a free
// message.
func (s *Service) charge(ctx context.Context, r SendRequest, m *pairly.Message) (*pairly.CreditTransaction, error) {
	if m.CreditsCharged == 0 {
		return nil, nil
	}
	t, err := s.c.Credits.Transfer(ctx, credit.TransferRequest{
		From: m.FromUserID, To: m.ToUserID, Amount: m.CreditsCharged,
		TypeOut: pairly.TxMessage, TypeIn: pairly.TxMessageEarning,
		Description: "Message", RelatedEntityType: "message", RelatedEntityID: m.ID,
	})
	if err != nil {
		return nil, err
	}
	s.charged(ctx, r, t.Out)
	return t.Out, nil
}

// record writes the audit record of a paid message, and of a free one where
// the configuration says so.
func (s *Service) record(ctx context.Context, m *pairly.Message, out *pairly.CreditTransaction) error {
	if out == nil && !s.c.AuditAllMessages {
		return nil
	}
	rec := pairly.AuditRecord{
		Event: "message_sent", Action: "send_message", Severity: pairly.SeverityLow,
		Target:  pairly.Target{UserID: m.ToUserID},
		Details: map[string]any{"message_id": m.ID, "credits": m.CreditsCharged},
	}
	if out != nil {
		rec.Before = map[string]any{"credits_balance": out.BalanceBefore}
		rec.After = map[string]any{"credits_balance": out.BalanceAfter}
	}
	return s.c.Audit.Record(ctx, rec)
}

// repeat answers a repeated client_message_id with the first result. The
// same id for another message is a mistake of the client's.
func (s *Service) repeat(ctx context.Context, r SendRequest, old *pairly.Message) (SendResult, error) {
	if old.ToUserID != r.To || old.Content != r.Content {
		return SendResult{}, s.rejected(ctx, r, invalidPayload("client_message_id was used for another message"))
	}
	res := SendResult{Message: old, Replayed: true}
	out, err := s.c.Store.TransactionByEntity(ctx, r.From, "message", old.ID)
	if err != nil {
		return SendResult{}, err
	}
	if out != nil {
		res.NewBalance = out.BalanceAfter
	} else if res.NewBalance, _, err = s.c.Store.CreditsBalance(ctx, r.From); err != nil {
		return SendResult{}, err
	}
	s.replayed(ctx, r, out)
	return res, nil
}

// errAbuse is the cause of a rate_limited error after which the socket is
// closed.
var errAbuse = errors.New("too many refused windows")

// Abusive reports whether err, from Send, says that the socket must be closed
// with [socketlimit.CloseAbuse].
func Abusive(err error) bool { return errors.Is(err, errAbuse) }
