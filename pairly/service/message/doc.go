// Package message sends chat messages, free or paid, and reads them back.
//
// [Service.Send] is the whole of a chat frame: it checks in the order rate,
// mute, schema, self, recipient, block, moderation, price, and then moves the
// credits and inserts the message in one transaction. It writes each event of
// that frame but ws_message_received, which the socket writes for every frame
// before it calls; the socket also writes the events of delivery.
//
// The content of a message is never logged, only its length.
package message
