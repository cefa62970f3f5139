package simulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// ErrNoRobot says that no bot holds the smart robot's long connection.
var ErrNoRobot = errors.New("robot channel not connected")

type robotHub struct{}

func (s *Sim) SayInGroup(ctx context.Context, group, userid, text string) (Delivery, error) {
	return Delivery{}, fmt.Errorf("%w", ErrNoRobot)
}
func (s *Sim) SayToRobot(ctx context.Context, userid, text string) (Delivery, error) {
	return Delivery{}, fmt.Errorf("%w", ErrNoRobot)
}
func (s *Sim) SendToRobot(ctx context.Context, userid, kind, name string, data []byte) (Delivery, error) {
	return Delivery{}, fmt.Errorf("%w", ErrNoRobot)
}

func (s *Sim) RobotConnected() bool { return false }
func (s *Sim) Robot() http.Handler  { return http.NotFoundHandler() }
