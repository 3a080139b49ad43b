// Package realtime serves the WebSockets: a [Hub] knows every open
// connection, and [Hub.Chat] is the chat socket.
//
// A chat socket is accepted before anybody is known. Its first frame is
// {"token": "<access token>"} within ten seconds; the subject of the token
// must be the user that the path names. From then on each frame is answered
// in order:
//
//	→ {"type":"chat_message","recipient_id":"…","content":"…","client_message_id":"…"}
//	← {"type":"message_sent","message_id":"…","client_message_id":"…","credits_charged":5,"new_balance":125}
//	→ {"type":"ping"}
//	← {"type":"pong"}
//	← {"type":"new_message","message_id":"…","sender_id":"…","content":"…","sent_at":"…"}
//	← {"type":"error","code":"muted","message":"…"}
//
// A user may have several sockets; each gets what is sent to the user. The
// life of a socket is logged through package wslog: every line that is logged
// on its behalf, here and in the services, carries the request_id of its
// upgrade, its connection_id and, from authentication on, the user_id. None of
// them carries the text of a message.
//
// Each connection has two goroutines: the one that serves the upgrade reads
// and answers frames, the other owns writing and closing. Both have ended
// when [Hub.Chat] returns.
package realtime
