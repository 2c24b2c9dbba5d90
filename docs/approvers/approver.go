// An approver for Go 1.19 or later, with its standard library alone: shows where your own rule goes. docs/approvals.md
// is normative.
//
//	go run approver.go approver.pem 8787
//
// approver.pem is an Ed25519 key, as `openssl genpkey -algorithm ed25519` makes it.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path"
	"time"
)

// Question is what kms-verify asks. Pending and Context are their texts as they stand in the body.
type Question struct {
	ID      string          `json:"id"`
	Chain   string          `json:"chain"`
	Testnet *bool           `json:"testnet"`
	Pending json.RawMessage `json:"pending"`
	Context json.RawMessage `json:"context"`
	Digest  string          `json:"digest"`
}

// Your rule: what may be signed?
func mayBeSigned(question Question) bool {
	var pending struct {
		ID                    string `json:"id"`
		SerializedTransaction string `json:"serializedTransaction"`
	}
	var transaction struct {
		Value string `json:"value"`
	}
	if json.Unmarshal(question.Pending, &pending) != nil || pending.ID != question.ID ||
		json.Unmarshal([]byte(pending.SerializedTransaction), &transaction) != nil {
		return false
	}
	value, ok := new(big.Int).SetString(transaction.Value, 0)
	return ok && *question.Testnet && question.Chain == "ETH" && value.Cmp(big.NewInt(1e15)) <= 0
}

// names are the members of the outermost object. Go takes "ID" for "id" and the last of two: we take neither.
func names(body []byte) error {
	known := map[string]bool{"id": true, "chain": true, "testnet": true, "pending": true, "context": true, "digest": true,
		"summary": true}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return errors.New("the body is not a JSON object")
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		if text, _ := name.(string); !known[text] {
			return fmt.Errorf("the member %q is unknown, or stands twice", name)
		} else {
			known[text] = false
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
	}
	return nil
}

func digestOf(question Question) string {
	network := "mainnet"
	if *question.Testnet {
		network = "testnet"
	}
	hash := sha256.New()
	for _, part := range [][]byte{
		[]byte("tatum-kms approval"), []byte("1"), []byte(question.ID), []byte(question.Chain), []byte(network),
		question.Pending, question.Context,
	} {
		hash.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		hash.Write(part)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func jwsOf(digest string, key ed25519.PrivateKey) string {
	now := time.Now().Unix()
	part := base64.RawURLEncoding.EncodeToString
	claims := fmt.Sprintf(`{"digest":"%s","approved":true,"iat":%d,"exp":%d}`, digest, now, now+300)
	text := part([]byte(`{"alg":"EdDSA"}`)) + "." + part([]byte(claims))
	return text + "." + part(ed25519.Sign(key, []byte(text)))
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: approver KEY PORT")
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		log.Fatal("the key is not in PEM form")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		log.Fatal("the key is not an Ed25519 key")
	}
	http.HandleFunc("/", func(writer http.ResponseWriter, request *http.Request) {
		// A record has at most 16 MiB.
		body, err := io.ReadAll(http.MaxBytesReader(writer, request.Body, 17<<20))
		var question Question
		if err == nil {
			err = names(body)
		}
		if err == nil {
			err = json.Unmarshal(body, &question)
		}
		writer.Header().Set("Content-Type", "application/json")
		if err != nil || request.Method != http.MethodPost || question.Testnet == nil ||
			question.ID != path.Base(request.URL.Path) || question.Digest != digestOf(question) || !mayBeSigned(question) {
			writer.WriteHeader(http.StatusForbidden)
			fmt.Fprint(writer, `{"approved":false}`)
			return
		}
		fmt.Fprintf(writer, `{"approved":true,"jws":"%s"}`, jwsOf(question.Digest, key))
	})
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s/approve\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}
