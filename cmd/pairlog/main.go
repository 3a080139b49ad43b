// Command pairlog reads, cleans and checks what the pairlog library writes.
package main

func main() {}
