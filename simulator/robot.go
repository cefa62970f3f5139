package simulator

type robotHub struct{}
