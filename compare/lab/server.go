package lab

import (
	"errors"
	"net"
	"sync"
)

// Acceptor is where a Server gets its connections from.
type Acceptor interface {
	// Accept waits for a connection. It returns an error when the acceptor
	// is closed, and only then for good.
	Accept() (ServerConn, error)
	Close() error
}

// Listener is an Acceptor of the kernel's.
type Listener interface {
	Acceptor
	Addr() net.Addr
	Congestion() string // name of the congestion control of its connections
}

// ListenOptions choose what a listener of the kernel does.
type ListenOptions struct {
	Congestion string // congestion control by its name in the kernel; empty is the system's choice
}

// Server treats connections by its manners until it is closed.
type Server struct {
	manners   Manners
	acceptors []Acceptor
	done      func(Served)
	running   sync.WaitGroup

	mu     sync.Mutex
	open   map[ServerConn]struct{}
	closed bool
	errs   []error
}

// NewServer starts serving what the acceptors accept. done, which may be nil,
// is called after each connection, by one goroutine at a time.
func NewServer(m Manners, done func(Served), acceptors ...Acceptor) *Server {
	s := &Server{manners: m, acceptors: acceptors, done: done, open: make(map[ServerConn]struct{})}
	for _, a := range acceptors {
		s.running.Go(func() { s.accept(a) })
	}
	return s
}

func (s *Server) accept(a Acceptor) {
	for {
		conn, err := a.Accept()
		if err != nil {
			s.note(err)
			return
		}
		if !s.enter(conn) {
			conn.Close()
			return
		}
		serve := func() { s.leave(conn, s.manners.Serve(conn)) }
		if s.manners.InTurn {
			serve()
			continue
		}
		s.running.Go(serve)
	}
}

func (s *Server) enter(conn ServerConn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.open[conn] = struct{}{}
	return true
}

func (s *Server) leave(conn ServerConn, served Served) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, conn)
	if s.closed {
		return // it ended because Close ended it
	}
	if served.Err != nil {
		s.errs = append(s.errs, served.Err)
	}
	if s.done != nil {
		s.done(served)
	}
}

func (s *Server) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed && !errors.Is(err, net.ErrClosed) {
		s.errs = append(s.errs, err)
	}
}

// Err returns what went wrong on the server's side so far, nil if nothing.
func (s *Server) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.errs...)
}

// Manners returns how the server treats its connections.
func (s *Server) Manners() Manners { return s.manners }

// Close stops listening, cuts the connections that are still open, and waits
// for their goroutines.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	var errs []error
	for _, a := range s.acceptors {
		errs = append(errs, a.Close())
	}
	for conn := range s.open {
		abort(conn)
	}
	s.acceptors = nil
	s.mu.Unlock()
	s.running.Wait()
	return errors.Join(errs...)
}

// abort closes a connection without courtesy, if it can.
func abort(conn ServerConn) {
	if a, ok := conn.(interface{ Abort() error }); ok {
		a.Abort()
		return
	}
	conn.Close()
}
