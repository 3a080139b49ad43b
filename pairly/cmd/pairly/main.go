// Command pairly runs the Pairly backend.
package main

func main() {}
