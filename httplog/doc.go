// Package httplog logs what happens to HTTP requests, as it happened: the
// status that the client was told, panics, hijacked connections, clients that
// left. [Middleware] is for servers, [Transport] for clients.
//
//	p, _ := pairlog.Open(pairlog.FromEnv())
//	log := httplog.Middleware(httplog.Config{Logger: p.Logger("api.request")}.With(p.Settings()))
//	http.ListenAndServe(":8080", log(mux))
//
// Each request gets exactly one line:
//
//	{"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"api.request","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"http_request","method":"POST","path":"/api/auth/login","query_params":{},"client_ip":"192.168.1.0/24","user_agent":"Mozilla/5.0","user_id":null,"status_code":200,"duration_ms":145.23,"response_size_bytes":1024,"route":"POST /api/auth/login","protocol":"HTTP/1.1","request_size_bytes":58,"ttfb_ms":145.10}
//
// The first nine members are always there, in this order. The ones after them
// are there when there is something to say, and what the handler added with
// [pairlog.Add] comes last, user_id excepted, which has its place.
//
// # Levels
//
// ERROR from status 500 and for a panic, WARNING for 401, 403, 429, for slow
// requests (slow:true) and for aborted ones, INFO for the rest, DEBUG for the
// paths of [Config.Health].
//
// # What the line says when things go wrong
//
//   - The handler panicked: an exception line before it, and outcome "panic".
//     The client gets status 500; where the response had begun, its connection
//     is cut, and the line has the status that the client saw.
//   - The handler panicked with [http.ErrAbortHandler]: outcome "aborted", with
//     status_code 0 where no status was sent. The panic goes on to net/http.
//   - The client left before any of the answer was sent: 499 and outcome
//     "client_gone". What the handler answered to nobody is handler_status. That
//     the request's context was canceled does not make a client leave: when the
//     server shuts down, or a middleware gave up, the line has the status that was
//     answered.
//   - The client left later: the status that it was told, and outcome
//     "client_gone" where writing the body failed for it.
//   - The server did not take the body: outcome "write_failed". It is at WARNING
//     where a write deadline, such as the server's WriteTimeout, has passed: the
//     client saw nothing of the answer, or not its end. status_code is then what the
//     handler has answered, 0 where it had not.
//   - The connection was hijacked: status_code 101 after an upgrade request,
//     outcome "hijacked". The line is written at the handshake, since the
//     handler may live for hours after it. What happens to a socket after that
//     is for package wslog.
//   - Status 500 or more: an exception line before it, with the error that the
//     handler handed over by [SetError].
//   - The request still runs after [Config.Stuck]: a line http_request_stuck
//     with the stack of its goroutine, while it runs.
//
// # What it leaves as it is
//
// The handler's ResponseWriter has exactly the optional interfaces of the
// server's; [http.ResponseController] works. Bodies are never read ahead or
// drained. Of net/http's own arrangements one is lost, as behind any wrapper:
// [http.MaxBytesReader] given the handler's writer does not tell the server to
// close the connection, which the server then finds out by itself.
package httplog
