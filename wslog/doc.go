// Package wslog logs the life of WebSockets: opened, authenticated, what came in
// and went out by size, refused and limited messages, and exactly one line at
// the end. It knows no WebSocket library; what it logs is told to it.
//
//	conn, err := websocket.Accept(w, r, nil) // coder/websocket
//	…
//	ctx, sock := wslog.Open(r.Context(), wslog.Config{Logger: p.Logger("websocket.messaging"), ClientIP: httplog.ClientIP(r.Context())})
//	defer sock.End(&err)
//	for {
//		var data []byte
//		if _, data, err = conn.Read(ctx); err != nil {
//			return
//		}
//		sock.Received("message", len(data))
//		…
//	}
//
// The socket's last line:
//
//	{"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"websocket.messaging","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"ws_disconnected","user_id":"u1","connection_id":"conn_8f14e45fceea","close_code":1000,"duration_s":12.50,"messages_in":3,"messages_out":2,"close_class":"normal","bytes_in":384,"bytes_out":120,"idle_s":1.20}
//
// With gorilla/websocket it is the same: conn.ReadMessage has the error for
// [CloseStatus].
//
// # The scope
//
// A socket has a scope of its own, with the request id of the handshake, its
// connection_id and, once it is authenticated, its user_id: every line that is
// logged with the context of [Open] has them.
//
// # A panic
//
// [Socket.End] writes panic_recovered and ws_error, in the socket's scope, and
// ws_disconnected at ERROR with code 1006 and "outcome":"panic"; then the panic goes
// on, and is not logged again.
//
// # What it never logs
//
// What is in a message.
package wslog
