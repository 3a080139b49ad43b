package main

import "github.com/pairly/pairlog/pairly/worker"

// work runs workers from now until the service stops, which waits for them.
func (s *service) work(workers ...worker.Worker) {
	c := worker.Config{Logger: s.logger, Recover: s.logger("app.recover")}
	for _, w := range workers {
		s.later(worker.Start(c, w))
	}
}
