module rightnow/bench/peers/gorilla

go 1.26.0

require rightnow/bench/peers/contract v0.0.0

require github.com/gorilla/websocket v1.5.3

replace rightnow/bench/peers/contract => ../contract
